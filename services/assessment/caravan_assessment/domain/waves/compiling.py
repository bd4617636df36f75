"""`python -m caravan_assessment.domain.waves.compiling`: compiles the kernel, so that an image can be shipped with it.

numba keeps what it has compiled in NUMBA_CACHE_DIR, and reads it again only where it may also write.
"""

from random import Random

from caravan_assessment.domain.waves.anneal import Schedule, anneal
from caravan_assessment.domain.waves.problem import Problem

# Two nodes that pull at each other, two waves with room for both: enough to meet every type.
_SMALLEST = Problem(
    members=[[0], [1]],
    waves=[0, 1],
    demand=[((0, 1),), ((0, 1),)],
    capacity=[[2], [2]],
    allowed=[[True, True], [True, True]],
    before=[[], []],
    after=[[], []],
    neighbours=[[(1, 1)], [(0, 1)]],
)


def compile_kernel() -> None:
    anneal(_SMALLEST, [0, 1], Schedule(progress=float), Random(1))


if __name__ == "__main__":
    compile_kernel()
