"""The protocol file: what the hands do, written by people in anatomical words."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from annotations.hand import Hand, usual_hand, usual_speed_cm_s
from annotations.path_spec import PathSpec
from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.toml_lines import Location, line_of
from meshes.errors import InputError, ReadError, UnknownName, nearest_names
from meshes.pose import REST, parse_pose
from meshes.terminology import Side

#: Deepest peel: the organs.
DEEPEST = 7.0
LIBRARY = Path(__file__).with_name("library")
Which = Literal["left", "right", "both", "each"]
Model = TypeVar("Model", bound=BaseModel)


class StrokeSpec(BaseModel):
    """One stroke: a technique at a pressure along a path.

    ``side`` is ``left``, ``right``, ``both`` (two hands at once) or ``each`` (left, then right).
    The speed is that of the hand on the skin, circles included. ``push`` is the direction of the
    force: straight in, or in and upward. ``peel`` shows the whole torso peeled so far (0 skin to
    7 organs); ``window`` peels so far under the hand only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1)]
    technique: Technique
    pressure: Pressure
    path: PathSpec
    side: Which = "both"
    hand: Hand | None = None
    speed_cm_s: Annotated[float | None, Field(gt=0, le=40)] = None
    duration_s: Annotated[float | None, Field(gt=0, le=600)] = None
    repetitions: Annotated[int, Field(ge=1, le=100)] = 1
    ramp_s: Annotated[float, Field(ge=0, le=10)] = 0.5
    pause_s: Annotated[float, Field(ge=0, le=60)] = 0.6
    push: Literal["in", "up"] = "in"
    caption: str = ""
    statements: list[str] = []
    peel: Annotated[float | None, Field(ge=0, le=DEEPEST)] = None
    window: Annotated[float | None, Field(gt=0, le=DEEPEST)] = None

    @model_validator(mode="after")
    def _one_pace(self) -> StrokeSpec:
        if self.speed_cm_s is not None and self.duration_s is not None:
            raise ValueError("either speed_cm_s or duration_s required, received both")
        if self.path.hold is not None and self.speed_cm_s is not None:
            raise ValueError("hold takes duration_s, received speed_cm_s")
        if self.window is not None and self.window <= (self.peel or 0.0):
            raise ValueError(
                f"window deeper than peel {self.peel or 0.0:g} required, received {self.window:g}"
            )
        return self

    @property
    def contact_hand(self) -> Hand:
        """The hand given, or the one the technique usually takes."""
        return self.hand or usual_hand(self.technique)

    @property
    def pace_cm_s(self) -> float:
        """The speed given, or the usual one for the pressure."""
        return self.speed_cm_s or usual_speed_cm_s(self.pressure)

    @property
    def rounds(self) -> tuple[tuple[Side, ...], ...]:
        """Sides that move together, one tuple after the other."""
        if self.side == "both":
            return ((Side.LEFT, Side.RIGHT),)
        if self.side == "each":
            return ((Side.LEFT,), (Side.RIGHT,))
        return ((Side(self.side),),)


class Protocol(BaseModel):
    """A protocol: a title, a pose, strokes in order.

    ``pose`` is ``rest`` or ``NAME[:0..1]`` of a pose that Palpate knows; the body is brought into
    it before the strokes are laid. ``not_to_do`` marks a protocol that shows what must not be
    done; it is played with a warning and ``check`` is expected to find something in every stroke.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    title: Annotated[str, Field(min_length=1)]
    summary: str = ""
    pose: str = REST
    not_to_do: bool = False
    strokes: Annotated[list[StrokeSpec], Field(alias="stroke", min_length=1)]
    _source: Path | None = PrivateAttr(default=None)

    @field_validator("pose")
    @classmethod
    def _known_pose(cls, value: str) -> str:
        try:
            parse_pose(value)
        except InputError as error:
            raise ValueError(str(error)) from error
        return value

    def with_window(self, peel: float) -> Protocol:
        """Return the protocol with a window under the hand in every stroke that has none yet.

        The torso keeps its skin around the window.

        Parameters
        ----------
        peel : float
            How deep the window goes, above 0 (skin) to 7 (organs).

        Raises
        ------
        InputError
            If that is no depth.
        """
        if not 0.0 < peel <= DEEPEST:
            raise InputError(
                f"a window deeper than 0 (skin) and at most {DEEPEST:g} (organs) required, "
                f"received {peel:g}"
            )
        strokes = [
            item
            if item.window is not None
            else item.model_copy(update={"window": peel, "peel": None})
            for item in self.strokes
        ]
        return self.model_copy(update={"strokes": strokes})

    @contextmanager
    def at_stroke(self, index: int) -> Iterator[None]:
        """Put file and line of a stroke's path before the message of an input error inside.

        Parameters
        ----------
        index : int
            Of the stroke, from 0.

        Raises
        ------
        InputError
            The one raised inside, with its place before it.
        """
        try:
            yield
        except InputError as error:
            name = self.strokes[index].name
            if self._source is None:
                raise InputError(f"stroke {name!r}: {error}") from error
            place = place_of(self._source, ("stroke", index, "path"))
            raise InputError(f"{place}: stroke {name!r}: {error}") from error


def library() -> dict[str, Path]:
    """Return the protocols that come with Palpate, by name."""
    return {path.stem: path for path in sorted(LIBRARY.glob("*.toml")) if path.stem != "tour"}


def open_protocol(name_or_path: str | Path) -> Protocol:
    """Read a protocol of the library by name, or a file by path.

    Raises
    ------
    ReadError
        If the file is no protocol; the message gives file, line and the nearest valid name.
    UnknownName
        If it is neither a file nor a name in the library.
    """
    path = resolve_protocol(name_or_path)
    protocol = read_model(path, Protocol)
    protocol._source = path
    return protocol


def resolve_protocol(name_or_path: str | Path) -> Path:
    """Return the file of a protocol of the library by name, or the path itself.

    Raises
    ------
    ReadError
        If it is a path and there is no such file.
    UnknownName
        If the library has no protocol of that name.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    known = library()
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    if path.suffix or len(path.parts) > 1:
        raise ReadError(f"{path}: a protocol file required, there is none; check the path")
    raise UnknownName("protocol", str(name_or_path), known)


@lru_cache(maxsize=32)
def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReadError(f"{path}: TOML required, received what does not read: {error}") from error


def read_model(path: Path, model: type[Model]) -> Model:
    """Read a TOML file into a pydantic model; errors carry file, line and the nearest name.

    Raises
    ------
    ReadError
        If the file cannot be read, is no TOML, or does not fit the model.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None)
        why = told.lower() if told else "it is no text in UTF-8"
        raise ReadError(f"{path}: a protocol file required, it cannot be read: {why}") from error
    page = _parsed(text, path)
    try:
        return model.model_validate(page)
    except ValidationError as error:
        raise ReadError(_explain(path, text, page, error)) from error


def _how(field: str) -> str:
    """Return how a field that is missing is written, for a message.

    >>> _how("technique"), _how("stroke")
    ("technique = 'gliding'", 'a table [[stroke]] with name, technique, pressure and path')
    """
    if field == "stroke":
        return "a table [[stroke]] with name, technique, pressure and path"
    examples = {
        "title": "'...'", "name": "'...'", "technique": "'gliding'", "pressure": "'moderate'",
        "path": "{ ... }",
    }  # fmt: skip
    return f"{field} = {examples.get(field, '...')}"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the protocol format, for editors that complete fields."""
    schema = Protocol.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Palpate protocol"
    return schema


def place_of(path: Path, location: Location) -> str:
    """Return ``file:line`` of an entry of a protocol file, for messages."""
    return f"{path}:{line_of(path.read_text(encoding='utf-8'), location)}"


def _explain(path: Path, text: str, page: dict[str, Any], error: ValidationError) -> str:
    """Return one line about the first mistake."""
    # A field that is misspelt is both unknown and missing; the misspelling says more.
    mistakes = error.errors(include_url=False)
    first = min(mistakes, key=lambda item: item["type"] != "extra_forbidden")
    location: Location = tuple(first["loc"])
    line = line_of(text, location)
    field = str(location[-1]) if location else "file"
    kind = first["type"]
    received = first.get("input")
    if kind == "extra_forbidden":
        known = _fields(location)
        near = nearest_names(field, known)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
        return f"{path}:{line}: unknown field {field!r}: {hint}"
    if kind == "missing":
        owner = _owner(location, page)
        return f"{path}:{line}: {field} required{owner}, received none; add {_how(field)}"
    if kind in ("enum", "literal_error"):
        valid = _choices(first)
        near = difflib.get_close_matches(str(received), valid, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "choose one"
        return (
            f"{path}:{line}: {field} must be one of {', '.join(valid)}, "
            f"received {received!r}; {hint}"
        )
    message = str(first["msg"]).removeprefix("Value error, ")
    shown = "" if kind == "value_error" else f", received {received!r}"
    return f"{path}:{line}: {field}: {message}{shown}"


def _choices(first: Any) -> list[str]:
    expected = str(first.get("ctx", {}).get("expected", ""))
    return [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",") if word]


def _fields(location: Location) -> list[str]:
    """Names of the fields that the table of a location takes."""
    model: Any = Protocol
    for step in location[:-1]:
        if isinstance(step, int):
            continue
        inner = {(field.alias or name): field for name, field in model.model_fields.items()}
        model = _model_in(inner[step].annotation) if step in inner else None
        if model is None:
            return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """Return the pydantic model inside an annotation such as ``list[StrokeSpec] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _owner(location: Location, page: dict[str, Any]) -> str:
    """Return which stroke an entry stands in, as the end of a phrase."""
    if len(location) >= 2 and location[0] == "stroke" and isinstance(location[1], int):
        stroke = page["stroke"][location[1]]
        if isinstance(stroke, dict) and "name" in stroke:
            return f" in stroke {stroke['name']!r}"
        return f" in stroke {location[1] + 1}"
    return ""
