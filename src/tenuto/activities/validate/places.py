"""Where in a YAML file a value stands, to the character where that can be told."""

import yaml

Path = tuple[int | str, ...]


class Places:
    """Lines and columns, both from 1, of the values of a file that `read_yaml` has accepted."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._nodes: dict[Path, yaml.Node] = {}
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            self._collect(root, ())

    def of(self, path: Path, offset: int = 0) -> tuple[int, int]:
        """The place of a character of the value at `path`; of what holds it if it is not there.

        Exact for text on one line and for `|` blocks; else the beginning of the value.
        """
        while path not in self._nodes and path:
            path, offset = path[:-1], 0
        node = self._nodes.get(path)
        if node is None:
            return 1, 1
        line, column = node.start_mark.line, node.start_mark.column
        if isinstance(node, yaml.ScalarNode) and offset:
            line, column = self._within(node, offset)
        return line + 1, column + 1

    def _collect(self, node: yaml.Node, path: Path) -> None:
        self._nodes[path] = node
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._collect(value, (*path, str(key.value)))
        if isinstance(node, yaml.SequenceNode):
            for at, value in enumerate(node.value):
                self._collect(value, (*path, at))

    def _within(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        start, end = node.start_mark, node.end_mark
        before = node.value[:offset]
        if node.style == "|":
            line = start.line + 1 + before.count("\n")
            text = self._lines[line] if line < len(self._lines) else ""
            first = self._lines[start.line + 1]
            indent = len(first) - len(first.lstrip(" "))
            return line, min(indent + len(before.rpartition("\n")[2]), len(text))
        if start.line != end.line or node.style == ">":
            return start.line, start.column
        written = self._lines[start.line][start.column : end.column]
        quote = 0 if node.style is None else 1
        if written[quote : len(written) - quote] != node.value:
            return start.line, start.column
        return start.line, start.column + quote + offset
