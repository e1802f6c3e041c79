"""Retouching corrects what it measures, within limits, and never touches the original."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cover_cases import make_photo
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat, PngImagePlugin
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.cover import (
    AiLabel,
    RetouchPreset,
    find_focus,
    fit_photo,
    load_presets,
    read_ai_label,
    retouch_photo,
    save_cover,
)
from creator_kit.cover.labels import PNG_XMP_KEY, write_xmp
from creator_kit.cover.retouching import measure_cast, measure_exposure

runner = CliRunner()


def make_room(gains: tuple[float, float, float] = (1, 1, 1), light: float = 1.0) -> Image.Image:
    """A grey wall with a shelf and coloured things, under light of a colour."""
    image = Image.linear_gradient("L").resize((600, 800)).point([90 + value // 3 for value in range(256)])
    room = Image.merge("RGB", [image] * 3)
    draw = ImageDraw.Draw(room)
    draw.rectangle((60, 500, 540, 530), fill=(70, 68, 66))
    draw.ellipse((100, 380, 220, 500), fill=(200, 60, 40))
    draw.ellipse((330, 400, 430, 500), fill=(40, 90, 180))
    return room.point([min(round(value * gain * light), 255) for gain in gains for value in range(256)])


def preset(**values: float) -> RetouchPreset:
    return RetouchPreset(zh="试", en="test", **values)  # type: ignore[arg-type]


def test_a_lamp_lit_wall_becomes_greyer() -> None:
    room = make_room((1.08, 1.0, 0.85))
    wall = (250, 50, 350, 300)

    def spread(image: Image.Image) -> float:
        means = ImageStat.Stat(image.crop(wall)).mean
        return max(means) - min(means)

    corrected = retouch_photo(room, preset(white_balance=1.0))
    assert spread(corrected) < 0.35 * spread(room)
    neutral = make_room()
    assert spread(retouch_photo(neutral, preset(white_balance=1.0))) < 4


def test_a_colourful_subject_is_not_taken_for_a_cast() -> None:
    flower = Image.new("RGB", (300, 400), (235, 120, 30))
    assert measure_cast(flower) == (1.0, 1.0, 1.0)
    assert ImageChops.difference(flower, retouch_photo(flower, preset(white_balance=1.0))).getbbox() is None


@pytest.mark.parametrize("light", [0.45, 1.25])
def test_dark_and_bright_pictures_move_towards_the_middle(light: float) -> None:
    room = make_room(light=light)
    before, after = (measure_exposure(image)[0] for image in (room, retouch_photo(room, preset(exposure=1.0))))
    assert abs(after - 0.47) < abs(before - 0.47)


def test_a_well_exposed_picture_hardly_changes() -> None:
    room = make_room()
    changed = ImageStat.Stat(ImageChops.difference(room, retouch_photo(room, load_presets()["neutral-true"]))).mean
    assert max(changed) < 16


def test_colour_noise_goes_and_edges_stay() -> None:
    room = make_room()
    noise = Image.merge("RGB", [Image.effect_noise(room.size, 40) for _band in range(3)])
    noisy = ImageChops.add(room, noise, 1, -128)
    calm = retouch_photo(noisy, preset(denoise=1.0))

    def chroma_spread(image: Image.Image) -> float:
        return sum(
            ImageStat.Stat(band.crop((250, 50, 350, 300))).stddev[0] for band in image.convert("YCbCr").split()[1:]
        )

    assert chroma_spread(calm) < 0.5 * chroma_spread(noisy)
    shelf = [ImageStat.Stat(image.convert("L").crop((200, 505, 320, 525))).mean[0] for image in (room, calm)]
    assert shelf[0] == pytest.approx(shelf[1], abs=6)


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(*[st.floats(0, 1)] * 4),
    st.tuples(*[st.floats(-1, 1)] * 3),
    st.sampled_from([(64, 64), (65, 130), (300, 70)]),
)
def test_any_preset_gives_a_picture_of_the_same_size(
    rates: tuple[float, ...], shifts: tuple[float, ...], size: tuple[int, int]
) -> None:
    values = dict(zip(("exposure", "white_balance", "denoise", "sharpen"), rates, strict=True))
    values |= dict(zip(("warmth", "contrast", "saturation"), shifts, strict=True))
    photo = make_photo(*size)
    kept = photo.tobytes()
    found = retouch_photo(photo, preset(**values))
    assert (found.size, found.mode) == (size, "RGB")
    assert photo.tobytes() == kept
    assert found.tobytes() == retouch_photo(photo, preset(**values)).tobytes()


@pytest.mark.parametrize("place", [0.15, 0.5, 0.85])
def test_the_crop_follows_the_subject(place: float) -> None:
    image = Image.new("RGB", (1600, 900), (200, 205, 210))
    middle = round(1600 * place)
    draw = ImageDraw.Draw(image)
    for r in range(140, 0, -20):
        draw.ellipse((middle - r, 450 - r, middle + r, 450 + r), fill=(220 - r, 40 + r, 60))
    cropped = fit_photo(image, (3, 4), 2560)
    assert cropped.width / cropped.height == pytest.approx(0.75, abs=0.01)
    red = sum(n for n, (r, g, b) in cropped.getcolors(1 << 24) or [] if r - b > 25)  # type: ignore[misc]
    whole = sum(n for n, (r, g, b) in image.getcolors(1 << 24) or [] if r - b > 25)  # type: ignore[misc]
    assert red > 0.95 * whole


def test_a_picture_of_the_right_shape_is_not_moved() -> None:
    assert find_focus(make_photo(300, 400), (1242, 1656)) == (0.5, 0.5)


def test_a_folder_is_retouched_and_the_originals_stay(tmp_path: Path) -> None:
    source, out = tmp_path / "照片", tmp_path / "out"
    source.mkdir()
    exif = Image.Exif()
    exif[0x010F] = "Phone Maker"
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 3.0)
    make_photo(640, 480).save(source / "a.jpg", exif=exif)
    make_photo(500, 500).save(source / "a.png")
    (source / "broken.jpg").write_bytes(b"no picture")
    save_cover(make_photo(400, 500), source / "c.png", ai_label=AiLabel(produce_id="p"))
    kept = {path.name: path.read_bytes() for path in source.iterdir()}
    sheet = tmp_path / "sheet.jpg"
    result = runner.invoke(
        app, ["retouch", str(source), "--preset", "warm-food", "--out", str(out), "--sheet", str(sheet), "--json"]
    )
    assert result.exit_code == 3  # one could not be read
    document = json.loads(result.stdout)
    assert [Path(photo["path"]).name for photo in document["photos"]] == ["a.jpg", "a-2.jpg", "c.jpg"]
    assert [Path(item["source"]).name for item in document["failed"]] == ["broken.jpg"]
    assert {path.name: path.read_bytes() for path in source.iterdir()} == kept
    assert sheet.is_file()
    with Image.open(out / "a.jpg") as image:
        assert image.size == (360, 480)
        assert not image.getexif()
    assert b"Phone Maker" not in (out / "a.jpg").read_bytes()
    with Image.open(out / "c.jpg") as image:
        assert read_ai_label(image) == AiLabel(produce_id="p")


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "no photo"),
        (("none.jpg",), 3, "none.jpg"),
        (("p.jpg", "--preset", "warmfood"), 2, "did you mean 'warm-food'"),
        (("p.jpg", "--ratio", "16:9"), 2, "not a ratio"),
        (("p.jpg", "--out", "."), 2, "overwrite the original"),
        (("empty",), 3, "no photos in this folder"),
    ],
)
def test_retouch_errors(
    args: tuple[str, ...], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    make_photo(200, 300).save(tmp_path / "p.jpg")
    kept = (tmp_path / "p.jpg").read_bytes()
    result = runner.invoke(app, ["retouch", *args])
    assert result.exit_code == code, result.output
    assert words in result.output
    assert (tmp_path / "p.jpg").read_bytes() == kept


def test_a_persona_brings_its_preset(tmp_path: Path) -> None:
    make_photo(200, 300).save(tmp_path / "p.jpg")
    result = runner.invoke(
        app, ["retouch", str(tmp_path / "p.jpg"), "--persona", "dorm-cook", "--out", str(tmp_path / "o"), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["preset"] == "warm-food"
    assert "neutral-true" in runner.invoke(app, ["retouch", "--list"]).stdout


def test_metadata_stay_only_where_they_are_asked_for(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Phone Maker"
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 3.0)
    make_photo(480, 360).save(tmp_path / "a.jpg", exif=exif, comment=b"of my house")
    for flags, has in ((), False), (("--keep-metadata",), True):
        out = tmp_path / f"out{has}"
        run = runner.invoke(app, ["retouch", str(tmp_path / "a.jpg"), *flags, "--ratio", "keep", "--out", str(out)])
        assert run.exit_code == 0, run.output
        with Image.open(out / "a.jpg") as image:
            assert image.size == (360, 480)
            found = image.getexif()
            assert found.get(0x010F) == ("Phone Maker" if has else None)
            assert bool(found.get_ifd(0x8825)) == has
            assert found.get(0x0112, 1) == 1  # it is upright now
            assert "comment" not in image.info


@pytest.mark.parametrize("kind", ["transparent.png", "profiled.jpg", "photo.webp", "text.png", "wrapped.png"])
def test_no_way_of_saving_loses_an_ai_label(tmp_path: Path, kind: str) -> None:
    label = AiLabel(content_producer="模型公司", produce_id="x<9>")
    source, image = tmp_path / kind, make_photo(400, 500)
    packet = write_xmp(label)
    if kind == "transparent.png":
        image.putalpha(128)
        info = PngImagePlugin.PngInfo()
        info.add_itxt(PNG_XMP_KEY, packet.decode())
        image.save(source, pnginfo=info)
    elif kind == "profiled.jpg":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        image.save(source, icc_profile=profile, xmp=packet)
    elif kind == "photo.webp":
        image.save(source, xmp=packet)
    else:
        info = PngImagePlugin.PngInfo()
        info.add_text("AIGC", label.to_json() if kind == "text.png" else '{"AIGC":' + label.to_json() + "}")
        image.save(source, pnginfo=info)
    for command in (["retouch", str(source)], ["cover", "--title", "早八", "--photo", str(source)]):
        target = tmp_path / ("r" if command[0] == "retouch" else "c.png")
        run = runner.invoke(app, [*command, "--out", str(target)])
        assert run.exit_code == 0, run.output
        with Image.open(target / f"{source.stem}.jpg" if target.is_dir() else target) as written:
            written.load()
            assert read_ai_label(written) == label
