"""The engines side by side in one run: `make bench`."""

import pytest
from engines_support import need_llm, need_module

from course.engines import bench


@pytest.mark.bench
def test_llama_cpp_writes_faster_in_less_memory(capsys):
    need_module("xllamacpp")
    need_llm()
    found = bench.measure(rounds=5)
    with capsys.disabled():
        print("\n" + bench.table(found))
    assert sorted(found["faster_cpu"])[2] > 2 and found["smaller"] > 3.5
    assert found["apart"] < 0.3
