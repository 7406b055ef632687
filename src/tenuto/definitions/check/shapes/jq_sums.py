"""What `a + b` gives in jq: objects are merged, arrays and texts joined, null adds nothing."""

from tenuto.definitions.check.shapes.shapes import ANY, Alternative, Shape, union


def merged(left: Shape, right: Shape) -> Shape:
    """The shape of `left + right`."""
    if left.alternatives is None and right.alternatives is None:
        return ANY
    if left.alternatives is None:
        return _over_anything(right)
    if right.alternatives is None:
        return ANY
    pairs = [(first, second) for first in left.alternatives for second in right.alternatives]
    return union(Shape(_added(first, second)) for first, second in pairs)


def _over_anything(right: Shape) -> Shape:
    """Something unknown plus an object: an object that has at least these members."""
    objects = right.of_kind("object")
    if right.kinds != {"object"}:
        return ANY
    return Shape(
        tuple(Alternative(kind="object", members=each.members, rest=None) for each in objects)
    )


def _added(left: Alternative, right: Alternative) -> tuple[Alternative, ...]:
    if left.kind == "null":
        return (right,)
    if right.kind == "null":
        return (left,)
    if left.kind != right.kind:
        return ()
    if left.kind == "array":
        if left.element is None or right.element is None:
            return (Alternative(kind="array"),)
        elements = union([left.element(), right.element()])
        return (Alternative(kind="array", element=lambda: elements),)
    if left.kind != "object":
        return (Alternative(kind=left.kind, is_money=left.is_money or right.is_money),)
    return (_objects(left, right),)


def _objects(left: Alternative, right: Alternative) -> Alternative:
    if right.is_closed:
        members = {**left.members, **right.members}
        return Alternative(kind="object", members=members, is_closed=left.is_closed)
    # Members that the right side may have besides those it names could replace any of the left.
    return Alternative(kind="object", members=right.members)
