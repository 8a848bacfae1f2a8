"""C++ parsers from ANTLR grammars."""

def antlr_cc_library(name, grammar, namespace, deps = [], **kwargs):
    """Generates a lexer and a parser, and compiles them.

    A grammar Space.g4 of the package //dsl gives dsl/SpaceLexer.h and dsl/SpaceParser.h.

    Args:
      name: the cc_library.
      grammar: a combined grammar, <Name>.g4.
      namespace: the C++ namespace of the generated classes.
      deps: what code embedded in the grammar needs.
      **kwargs: the usual attributes of cc_library.
    """
    stem = grammar.split(":")[-1].split("/")[-1][:-len(".g4")]
    parts = [stem + part for part in ["Lexer", "Parser"]]
    sources = [part + ".cpp" for part in parts]
    headers = [part + ".h" for part in parts]

    native.genrule(
        name = name + "_gen",
        srcs = [grammar],
        outs = sources + headers,
        # Without -Xexact-output-dir the tool repeats the grammar's folder below the output folder.
        cmd = "$(execpath @system//:antlr4) -Dlanguage=Cpp -no-visitor -no-listener -Werror " +
              "-package {} -Xexact-output-dir -o $(RULEDIR) $(SRCS)".format(namespace),
        message = "Generating a parser from",
        tools = ["@system//:antlr4"],
        visibility = ["//visibility:private"],
    )
    native.cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        # Nobody can act on a warning about generated code.
        copts = ["-w"],
        deps = deps + ["@system//:antlr4_runtime"],
        **kwargs
    )
