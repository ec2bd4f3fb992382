"""Puts the starter content into the wheel; everything else is in pyproject.toml.

scenarios/, models/, jobs/ and apps/workbench/ are content at the top of the repository, read by
path. An installed wheel finds them under riskplatform/starter/, and this step is the only copy.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
STARTER = ("scenarios", "models", "jobs", "apps/workbench")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


class BuildWithStarter(build_py):
    """The usual build, then the content folders that exist, below riskplatform/starter/."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, "riskplatform", "starter")
        shutil.rmtree(target, ignore_errors=True)
        for folder in STARTER:
            if (ROOT / folder).is_dir():
                shutil.copytree(ROOT / folder, target / folder, ignore=LEFT_OUT)


setup(cmdclass={"build_py": BuildWithStarter})
