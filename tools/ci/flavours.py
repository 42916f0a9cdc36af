"""Which flavours a tier builds, and which folders' tests each of them is for."""

import dataclasses
import json
import pathlib


@dataclasses.dataclass(frozen=True)
class Flavour:
    """One CMake preset and what of it is built and run."""

    name: str
    folders: tuple[str, ...] = ()  # top folders whose tests are built; none: everything
    exclude_labels: tuple[str, ...] = ()
    blackbox: tuple[str, ...] = ()  # black-box tests of a flavour that does not build everything

    @property
    def everything(self) -> bool:
        return not self.folders


ADDRESS = ("base", "kernel", "wire", "modules", "runtime", "archive", "journal", "vault")
THREAD = ("runtime", "engine")

TIERS = {
    "quick": (Flavour("release", exclude_labels=("slow", "soak")),),
    "complete": (
        Flavour("release", exclude_labels=("soak",)),
        Flavour("asan", ADDRESS),
        Flavour("tsan", THREAD, blackbox=("money", "kill")),
    ),
    "soak": (Flavour("release"), Flavour("asan"), Flavour("tsan")),
}


def target_of(folder: str) -> str:
    return "keel_" + folder.replace("/", "_") + "_test"


def select(layer_map: pathlib.Path, flavour: Flavour) -> tuple[list[str], list[str]]:
    """The names and the targets of the unit tests that belong to a flavour."""
    modules = json.loads(layer_map.read_text())["modules"]
    names = [
        module["folder"]
        for module in modules
        if module["tests"]
        and (flavour.everything or module["folder"].split("/")[0] in flavour.folders)
    ]
    targets = [target_of(name) for name in names]
    if flavour.blackbox:
        names += [f"blackbox/{name}" for name in flavour.blackbox]
        targets.append("keel")
    return names, targets
