"""What `nasc info` says of spaces and architectures."""

import json
import sys
import unittest

from driver import CELLS, DARTS, NASBENCH201, DriverTest, read, run


class Info(DriverTest):

    def info(self, *args):
        output, _ = run("info", DARTS, "--json", *args)
        return json.loads(output)

    def test_search_supernet(self):
        info = self.info("--scale", "search")
        self.assertEqual(info["scales"][0]["weights"], 1930618)
        self.assertEqual(info["architectures"], "1076746950455072400")

    def test_second_order_cells(self):
        figures = self.info("--scale", "final", "--architecture", CELLS)["scales"][0]
        self.assertEqual(figures["weights"], 3349342)
        self.assertEqual(figures["weights_with_auxiliary"], 3825768)
        self.assertEqual(figures["macs"], 528359040)
        self.assertEqual(sum(part["weights"] for part in figures["parts"]), 3349342)
        self.assertEqual([part["part"] for part in figures["parts"]][:2],
                         ["stem", "stage0.cell0.normal"])

    def test_what_any_architecture_costs(self):
        for scale in self.info()["scales"]:
            self.assertTrue(scale["least"]["exact"])
            for figure in ("weights", "macs", "activation_bytes"):
                self.assertLess(scale["least"][figure], scale["greatest"][figure])
        cells = self.info("--scale", "final", "--architecture", CELLS)["scales"][0]
        final = self.info("--scale", "final")["scales"][0]
        for figure in ("weights", "macs", "activation_bytes"):
            self.assertLessEqual(final["least"][figure], cells[figure])
            self.assertLessEqual(cells[figure], final["greatest"][figure])

    # What its authors give for nor_conv_3x3 on every edge, which has the most.
    def test_greatest_cell_of_nasbench201(self):
        output, _ = run("info", NASBENCH201, "--json", "--scale", "final")
        [final] = json.loads(output)["scales"]
        self.assertEqual(final["greatest"]["weights"], 1531546)
        self.assertEqual(final["greatest"]["macs"], 220119680)
        path = self.write("cell.arch", "architecture nasbench201 version 1.0.0 {\n" + "".join(
            f"  normal.{edge}.op = nor_conv_3x3\n"
            for edge in ("n0.x", "n1.x", "n1.n0", "n2.x", "n2.n0", "n2.n1")) + "}\n")
        output, _ = run("info", NASBENCH201, "--json", "--scale", "final", "--architecture", path)
        [cell] = json.loads(output)["scales"]
        self.assertEqual((cell["weights"], cell["macs"]), (1531546, 220119680))

    def test_bounds(self):
        held = ("--least", "architectures=15625", "--most", "architectures=15625", "--most",
                "weights=1531546", "--most", "macs=220119680", "--least", "macs=1")
        run("info", NASBENCH201, "--scale", "final", *held)
        for side, bound, says in (
                ("--most", "architectures=1.5e4", "most architectures 1.5e4 does not hold: the number "
                 "of architectures is 15,625; change the bound, or the space"),
                ("--least", "architectures=15626", "least architectures 15626 does not hold"),
                ("--most", "weights=1531545", "most weights 1531545 does not hold: the greatest "
                 "number of weights at scale final is 1,531,546"),
                ("--most", "macs=220e6", "most macs 220e6 does not hold: the greatest number of macs "
                 "at scale final is 220,119,680"),
                ("--least", "weights=1e9", "least weights 1e9 does not hold: the least number"),
        ):
            self.fails("info", NASBENCH201, "--scale", "final", side, bound, says=["nasc: " + says])
        for bound in ("macs=1.5", "macs=", "macs=-1", "macs=1e", "flops=1e6", "1e6"):
            self.fails("info", NASBENCH201, "--most", bound,
                       says=[f"nasc: --most {bound}: a bound is "])

    def test_functions(self):
        def count(rules, scale="search"):
            output, _ = run("info", NASBENCH201, "--json", "--scale", scale, "--functions", rules)
            functions = json.loads(output)["functions"]["all"]
            self.assertEqual(functions["kind"], "exact")
            return functions["count"]
        self.assertEqual(count("exact"), 5044)
        self.assertEqual(count("operations"), 4930)
        self.assertEqual(count("operations", "final"), 5545)
        self.assertEqual(count("nasbench201"), 6466)
        self.fails("info", DARTS, "--functions", "nasbench201", says=["normal.n0.edges"])
        self.fails("info", DARTS, "--functions", "all", says=["exact"], code=2)

    # The order of lines and comments are layout; a value is not.
    def test_hashes(self):
        def hashes(text):
            path = self.write("cells.arch", text)
            output, _ = run("info", DARTS, "--json", "--scale", "quick", "--architecture", path)
            info = json.loads(output)
            return info["identity"], info["function"]
        text = read(CELLS).decode()
        lines = text.splitlines(keepends=True)
        identity, function = hashes(text)
        self.assertEqual(hashes("".join([lines[0], *reversed(lines[1:-1]), lines[-1]])),
                         (identity, function))
        changed = text.replace("sep_conv_3x3", "sep_conv_5x5", 1)
        self.assertNotEqual(changed, text)
        other_identity, other_function = hashes(changed)
        self.assertNotEqual(other_identity, identity)
        self.assertNotEqual(other_function, function)

    def test_text(self):
        output, _ = run("info", DARTS, "--scale", "search")
        self.assertIn("1,930,618", output)

    def test_input_replaces_the_default(self):
        grey = self.info("--scale", "search", "--input", "1x32x32", "--classes", "10")
        self.assertEqual(grey["scales"][0]["weights"], 1930618 - 2 * 9 * 48)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
