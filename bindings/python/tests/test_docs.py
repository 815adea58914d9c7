"""The examples of the manual and of the package itself."""

import doctest
import importlib
import os
import pkgutil

import pytest
import ser
from conftest import ROOT

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def modules():
    own = [module.name for module in pkgutil.iter_modules(ser.__path__) if module.name not in ("_native", "engines")]
    names = ["ser", *(f"ser.{name}" for name in own)]
    engines = ["ser.engines", "ser.engines.polars", "ser.engines.duckdb"]
    return [*names, "ser.opensmile._smile", *engines]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", modules())
def test_examples_of_the_package(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        pytest.skip(str(error))
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        try:
            runner.run(test)
        finally:
            if name == "ser":
                import sys

                sys.modules.pop("opensmile", None)
        assert runner.failures == 0, test.name


@pytest.mark.parametrize("page", ["docs/python.md"])
def test_examples_of_the_manual(page):
    for package in ("pyarrow", "sklearn", "audinterface"):
        pytest.importorskip(package)
    assert os.path.isdir("assets/speech")
    failures, count = doctest.testfile(str(ROOT / page), module_relative=False, optionflags=FLAGS)
    assert failures == 0 and count > 10
