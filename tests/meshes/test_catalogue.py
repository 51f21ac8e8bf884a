"""The catalogue: what the facts name is there, and every entry can be read by an anatomist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import meshes.catalogue
from meshes.catalogue import load_catalogue
from meshes.errors import UnknownName
from meshes.terminology import Side, System, TissueLayer, mirror_id


def words(text: str) -> list[str]:
    return text.split()


REGIONS = {
    "head",
    "neck",
    "back",
    "thorax",
    "abdomen",
    "pelvis",
    "shoulder",
    "hip",
    "arm",
    "forearm",
    "thigh",
    "leg",
    "body",
}
SIDED = words(
    """
rib_1 rib_2 rib_3 rib_4 rib_5 rib_6 rib_7 rib_8 rib_9 rib_10 rib_11 rib_12 costal_cartilage_1
clavicle scapula humerus hip_bone femur temporal_bone parietal_bone trapezius rhomboid_minor
rhomboid_major levator_scapulae latissimus_dorsi thoracolumbar_fascia serratus_posterior_superior
serratus_posterior_inferior serratus_anterior splenius_capitis splenius_cervicis
semispinalis_capitis semispinalis_cervicis semispinalis_thoracis iliocostalis_lumborum
iliocostalis_thoracis iliocostalis_cervicis longissimus_thoracis longissimus_cervicis
longissimus_capitis spinalis_thoracis spinalis_cervicis multifidus rotatores quadratus_lumborum
supraspinatus infraspinatus teres_minor teres_major subscapularis deltoid sternocleidomastoid
rectus_capitis_posterior_major rectus_capitis_posterior_minor obliquus_capitis_inferior
obliquus_capitis_superior gluteus_maximus gluteus_medius gluteus_minimus external_oblique
internal_oblique transversus_abdominis external_intercostals internal_intercostals
innermost_intercostals psoas_major kidney pleura lung vertebral_artery greater_occipital_nerve
common_carotid_artery sciatic_nerve
"""
)
SINGLE = [
    *words(
        """
        skull mandible hyoid_bone sacrum coccyx sternum diaphragm nuchal_ligament
        supraspinous_ligament subcutaneous_fat skin occipital_bone intervertebral_disc_C2_C3
        intervertebral_disc_T12_L1 intervertebral_disc_L5_S1
        """
    ),
    *(
        f"vertebra_{part}{number}"
        for part, last in (("C", 7), ("T", 12), ("L", 5))
        for number in range(1, last + 1)
    ),
]
LAYERS = {
    TissueLayer.SKIN: "skin",
    TissueLayer.SUBCUTANEOUS: "subcutaneous_fat",
    TissueLayer.SUPERFICIAL_MUSCLE: "trapezius_left latissimus_dorsi_left deltoid_left "
    "thoracolumbar_fascia_left gluteus_maximus_left external_oblique_left sternocleidomastoid_left",
    TissueLayer.SECOND_MUSCLE: "rhomboid_major_left levator_scapulae_left splenius_capitis_left "
    "serratus_posterior_superior_left infraspinatus_left supraspinatus_left teres_major_left "
    "gluteus_medius_left",
    TissueLayer.ERECTOR_SPINAE: "longissimus_thoracis_left semispinalis_capitis_left "
    "iliocostalis_lumborum_left spinalis_thoracis_left",
    TissueLayer.DEEP_MUSCLE: "multifidus_left rotatores_left quadratus_lumborum_left "
    "serratus_anterior_left subscapularis_left external_intercostals_left "
    "rectus_capitis_posterior_minor_left",
    TissueLayer.BONE: "scapula_left rib_12_left sacrum",
    TissueLayer.ORGAN: "kidney_left pleura_right",
}


def test_every_structure_of_the_contract_is_there() -> None:
    catalogue = load_catalogue()
    expected = [*SINGLE, *(f"{base}_{side}" for base in SIDED for side in ("left", "right"))]
    assert [name for name in expected if name not in catalogue] == []


def test_sides_expand_and_mirror() -> None:
    catalogue = load_catalogue()
    for name, entry in catalogue.items():
        assert entry.id == name
        if entry.side is Side.MIDLINE:
            assert not name.endswith(("_left", "_right"))
        else:
            other = catalogue[mirror_id(name)]
            assert other.side is entry.side.mirrored
            assert (other.base, other.latin, other.layer) == (entry.base, entry.latin, entry.layer)


def test_every_entry_is_complete() -> None:
    for entry in load_catalogue().values():
        assert re.fullmatch(r"[a-z][a-zA-Z0-9_]*", entry.id), entry.id
        assert entry.english
        assert entry.latin, entry.id
        assert entry.region in REGIONS, entry.id
        if entry.system is System.MUSCULAR:
            assert entry.origin, entry.id
            assert entry.insertion, entry.id
            assert entry.action, entry.id
            assert entry.nerve, entry.id
            assert entry.source, entry.id
        parts = [part.id for part in entry.parts]
        assert len(parts) == len(set(parts)), entry.id
        assert all(part.latin for part in entry.parts), entry.id


@pytest.mark.parametrize("layer", list(TissueLayer))
def test_layers_are_those_of_the_design(layer: TissueLayer) -> None:
    catalogue = load_catalogue()
    for name in LAYERS[layer].split():
        assert catalogue[name].layer is layer, name


def test_one_id_names_one_structure() -> None:
    entries = load_catalogue().values()
    for kind in ("fma", "ta2"):
        bases: dict[int, set[str]] = {}
        for entry in entries:
            number = getattr(entry, kind)
            # TA2 has one number for all cervical vertebrae, all true ribs, all discs.
            kinds = kind == "ta2" and entry.system in (System.SKELETAL, System.ARTICULAR)
            if number is not None and not kinds:
                bases.setdefault(number, set()).add(entry.base)
        shared = {number: names for number, names in bases.items() if len(names) > 1}
        assert shared == {}, kind


def test_an_unknown_structure_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="trapezius_left"):
        load_catalogue()["trapezius_lef"]


@pytest.mark.reference
def test_ids_are_those_of_the_facts(shared: Path) -> None:
    page = json.loads((shared / "facts" / "anatomy-facts.json").read_text(encoding="utf-8"))
    folder = Path(meshes.catalogue.__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.toml"))
    numbers = {int(number) for number in re.findall(r"^(?:fma|ta2)\w* = (\d+)$", text, re.M)}
    for muscle in page["muscles"]:
        if muscle["TA2"] == 2267:  # the spinales as a group; the catalogue has its members
            continue
        assert muscle["TA2"] in numbers, muscle["english"]
        left = re.search(r"L (\d+)", muscle["FMA"])
        first = re.search(r"\d+", muscle["FMA"])
        if left and not muscle["id"].startswith("trap"):
            assert int(left[1]) in numbers, muscle["english"]
        elif first:
            assert int(first[0]) in numbers, muscle["english"]
