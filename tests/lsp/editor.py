"""A scripted editor: what speaks to `nasc lsp`, and the texts that it opens."""

import json
import os
import subprocess
import threading

SPACE = """space tiny version 1.0.0
/// A space of few networks.
import std.cnn
import "parts.space"

ops candidates {
  none relaxed
  skip_connect
  pool = max_pool(3)
  conv = half_conv(3) -> bn
}

/// A convolution of part of the width.
op half_conv(kernel, part = 1/2) = relu -> conv(kernel, filters = part * filters) -> conv(1, filters = filters, stride = 1)

cell normal(prev_prev, prev) {
  node n[2] {
    edges 2 of earlier { one of candidates }
    merge sum
  }
  output concat(n)
}

cell reduction like normal { stride 2 }

network {
  input image(3, 8, 8) classes 10
  stem conv(3, filters = 3 * width) -> bn -> twice_relu -> conv(1, filters = width)
  stack depth {
    at 1/2: reduction
    else: normal
  }
  head global_avg_pool -> linear(classes)
}

scale small { width = 4  depth = 2 }
scale large { width = 8  depth = 4 }
"""

PARTS = """library parts version 1.0.0

/// Twice the same.
op twice_relu = relu -> relu
"""

# Cells that keep their width: `concat` of two nodes doubles the channels.
ADAPTED = SPACE.replace("cell normal(prev_prev, prev) {",
                        "cell normal(prev_prev, prev) {\n  adapt when same_size "
                        "{ relu_conv_bn(1) } else { factorized_reduce }")


class Editor:
    """A client with the texts that it has open."""

    def __init__(self, nasc, cache):
        self.folder = None  # in which the texts are
        self.next_id = 0
        self.texts = {}
        self.server = subprocess.Popen(
            [nasc, "lsp", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "XDG_CACHE_HOME": cache})
        # A server that hangs fails the test instead of waiting for its end.
        self.timer = threading.Timer(200, self.server.kill)
        self.timer.start()

    def stop(self):
        self.timer.cancel()
        self.server.kill()
        self.server.wait()
        for pipe in (self.server.stdin, self.server.stdout, self.server.stderr):
            pipe.close()

    def close_all(self):
        """Closes every text and takes what the server says of that."""
        for name in self.texts:
            self.notify("textDocument/didClose", textDocument={"uri": self.uri(name)})
        self.texts = {}
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": "nasc/nothing"})
        while "id" not in self.receive():
            pass

    def uri(self, name):
        return "file://" + os.path.join(self.folder, name)

    def send_bytes(self, data):
        self.server.stdin.write(data)
        self.server.stdin.flush()

    def send(self, message):
        content = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))

    def receive(self):
        length = None
        while True:
            line = self.server.stdout.readline()
            if not line:
                raise EOFError("the server closed its output")
            if line == b"\r\n":
                break
            name, value = line.decode().split(":")
            if name == "Content-Length":
                length = int(value)
        return json.loads(self.server.stdout.read(length))

    def notify(self, method, **params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask_for(self, method, **params):
        """Sends a request and returns the whole answer."""
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        answer = self.receive()
        assert answer["id"] == self.next_id, answer
        return answer

    def ask(self, method, **params):
        return self.ask_for(method, **params)["result"]

    def initialize(self):
        result = self.ask("initialize", processId=None, rootUri=None, capabilities={})
        self.notify("initialized")
        return result["capabilities"]

    def diagnostics(self, name):
        """The next message, which gives the diagnostics of that file."""
        message = self.receive()
        assert message["method"] == "textDocument/publishDiagnostics", message
        assert message["params"]["uri"] == self.uri(name), message
        return message["params"]["diagnostics"]

    def open(self, name, text):
        self.texts[name] = text
        self.notify("textDocument/didOpen", textDocument={
            "uri": self.uri(name), "languageId": "nasc", "version": 1, "text": text})
        return self.diagnostics(name)

    def change(self, name, text, version=2):
        self.texts[name] = text
        self.notify("textDocument/didChange",
                    textDocument={"uri": self.uri(name), "version": version},
                    contentChanges=[{"text": text}])
        return self.diagnostics(name)

    def position(self, name, before, word=""):
        """Where `word` begins in the first line that contains `before + word`."""
        text = self.texts[name]
        index = text.index(before + word) + len(before)
        line_start = text.rfind("\n", 0, index) + 1
        units = len(text[line_start:index].encode("utf-16-le")) // 2
        return {"line": text.count("\n", 0, index), "character": units}

    def at(self, method, name, before, word="", **more):
        return self.ask("textDocument/" + method, textDocument={"uri": self.uri(name)},
                        position=self.position(name, before, word), **more)

    def hover(self, name, before, word=""):
        result = self.at("hover", name, before, word)
        return result["contents"]["value"] if result else ""

    def labels(self, name, before):
        return [item["label"] for item in self.at("completion", name, before)]
