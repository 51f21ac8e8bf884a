"""The command line: what each command is called and where it lives.

Commands are loaded when they are run, so that ``palpate --help`` imports neither numpy nor
PyVista. Whatever goes wrong ends in one line on stderr and an exit code: 1 findings, 2 bad
input or usage, 3 this machine cannot; ``--debug`` shows the traceback instead.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import cyclopts

from meshes.errors import UnknownName

NOTICE = "Palpate teaches; it does not diagnose."

_HELP = f"""See what lies under the hand: a layered 3D torso, its safety, and strokes on it.

{NOTICE} Without a command it opens the window on the built-in torso.

SITE is anatomy: "T4 3cm left", "GB20 left", "scapula_left/inferior_angle", or x,y,z in mm.
Exit codes: 0; 1 findings; 2 bad input or usage; 3 this machine cannot. --debug shows tracebacks.
"""

#: name -> (where it lives, one line of help), in the order of the help page.
_COMMANDS = {
    "view": ("window:view", "Open the window on an atlas, with a protocol to play."),
    "tour": ("video:tour", "Write the guided demonstration as a video."),
    "list": ("structures:list_structures", "List the structures of an atlas."),
    "info": ("structures:info", "Say what is known of a structure."),
    "probe": ("beneath:probe", "List what lies beneath a site, in order, in mm."),
    "safety": ("beneath:safety", "Say whether a technique may press at a site, and why."),
    "check": ("strokes:check", "Check every stroke of a protocol against the anatomy."),
    "still": ("picture:still", "Write a picture."),
    "scene": ("scene:scene", "Write a picture of a scene saved in the window."),
    "export": ("video:export", "Write a protocol as a video."),
}
_ATLAS_COMMANDS = {
    "list": ("atlases:list_atlases", "List the atlases that can be opened."),
    "info": ("atlases:info", "Say where an atlas came from and what was set aside."),
    "validate": ("validation:validate", "Check an atlas against published anatomy."),
    "import": ("atlases:import_", "Read an atlas from its source files and keep it under a name."),
    "build": ("atlases:build", "Build the built-in torso ahead of its first use."),
    "export": ("mesh_files:export", "Write an atlas as GLB, OBJ, PLY, STL or VTP."),
}


#: How commands read of which people leave something out.
_USAGE = {
    "palpate atlas import": "palpate atlas import READER FOLDER --name NAME, with a READER of "
    "z-anatomy, bodyparts3d or mesh-folder",
    "palpate safety": "palpate safety SITE --technique kneading --pressure firm",
    "palpate export": "palpate export PROTOCOL --out FILE.mp4",
    "palpate scene": "palpate scene FILE.palpate.json OUT.png",
    "palpate atlas export": "palpate atlas export OUT.glb",
}


def make_app() -> cyclopts.App:
    """Return the command line as a cyclopts app; no command is imported yet."""
    app = cyclopts.App(
        name="palpate",
        help=_HELP,
        version=_version,
        version_flags=["--version"],
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    app.default(_open_window)
    _add(app, _COMMANDS)
    atlas = cyclopts.App(
        name="atlas", help="Import atlases, list them, say what is in them.", version_flags=[]
    )
    _add(atlas, _ATLAS_COMMANDS)
    app.command(atlas)
    return app


def _add(app: cyclopts.App, commands: dict[str, tuple[str, str]]) -> None:
    for order, (name, (where, help_line)) in enumerate(commands.items()):
        app.command(f"viewer.commands.{where}", name=name, help=help_line, sort_key=order)


def _version() -> str:
    from importlib.metadata import version

    return f"palpate {version('palpate')}"


def _open_window() -> int:
    from viewer.commands.window import view

    return view()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; ``sys.argv`` unless given.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    sys.exit(run([word for word in words if word != "--debug"], debug=debug))


def run(words: list[str], *, debug: bool = False) -> int:
    """Run one command line and return its exit code.

    Parameters
    ----------
    words : list of str
        Arguments without the program's name.
    debug : bool
        Let exceptions through instead of turning them into one line.
    """
    app = make_app()
    try:
        code = app(
            words,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except cyclopts.CycloptsError as error:
        return _fail(_usage(words, error), 2)
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except BrokenPipeError:
        # The reader of our output (head, less) has left; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if debug:
            raise
        from viewer.machine import explained

        told = explained(error)
        return _fail(_one_line(str(told)), told.exit_code)
    return code if isinstance(code, int) else 0


def _usage(words: list[str], error: cyclopts.CycloptsError) -> str:
    """Say in one line what is wrong with the command line."""
    command, valid = "", [*_COMMANDS, "atlas"]
    group = words[:1] == ["atlas"]
    if group:
        command, valid, words = "atlas ", list(_ATLAS_COMMANDS), words[1:]
    first = next((word for word in words if not word.startswith("-")), None)
    if first is not None and first not in valid:
        return str(UnknownName("command", f"{command}{first}", [command + name for name in valid]))
    page = f"palpate {command}{first or ''}".strip()
    return f"{_wrong(error, page).rstrip('.')} (see {page} --help)"


def _wrong(error: cyclopts.CycloptsError, page: str) -> str:
    """Say what a command line lacks or has too much of."""
    from cyclopts.exceptions import CoercionError, MissingArgumentError, UnusedCliTokensError

    if isinstance(error, MissingArgumentError) and error.argument is not None:
        name = error.keyword or error.argument.name
        what = f"a value after {name}" if error.keyword else name
        usage = _USAGE.get(page)
        return f"{what} required, received none" + (f"; it reads {usage}" if usage else "")
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        more = " ".join(error.unused_tokens)
        quoted = '; a site of several words goes in quotes, as "T4 3cm left"'
        return f"nothing more required, received {more!r} too" + (
            quoted if page in {"palpate probe", "palpate safety"} else ""
        )
    if isinstance(error, CoercionError) and error.token is not None:
        kinds = {int: "a whole number", float: "a number"}
        kind = kinds.get(error.target_type or str)
        if kind:
            return f"{error.token.keyword} {kind} required, received {error.token.value!r}"
    return _one_line(str(error))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fail(message: str, code: int) -> int:
    print(f"palpate: {message}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    main()
