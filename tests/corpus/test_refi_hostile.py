"""REFI-QDA files that mean harm are refused with one clear line, before they cost anything."""

import io
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.refi import project_bytes, read_codes, read_project
from corpus.refi.package import ATTRIBUTES, PARTS, TAGS
from tests.corpus.refi_samples import TALK, archive_of, parts_of, project_of, qde, samples, text_source

BOMB = '<!DOCTYPE Project [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Project [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
SAFE_BYTES = 60_000_000


def refusal(tmp_path, data, name="study.qdpx"):
    """The line that refuses a file, once it is known to be one line without any of the talk."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError) as refused:
        read_codes(path) if name.endswith(".qdc") else read_project(path)
    line = str(refused.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    assert "nurse" not in line
    return line.removeprefix(f"{path}: ")


def claiming(data, size):
    """The same archive, whose first part claims another unpacked size."""
    directory = data.index(b"PK\x01\x02")
    changed = bytearray(data)
    struct.pack_into("<I", changed, directory + 24, size)
    struct.pack_into("<I", changed, 22, size)
    return bytes(changed)


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, "<!DOCTYPE Project>"], ids=["entities", "external", "bare"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(tmp_path, head, encoding):
    project = qde(head=head).decode().replace("utf-8", encoding).encode(encoding)
    assert refusal(tmp_path, archive_of({"p.qde": project})).startswith("declares XML entities")


def test_entities_in_a_codebook_are_refused(tmp_path):
    book = f'{BOMB.replace("Project", "CodeBook", 1)}<CodeBook><Codes><Code name="&b;"/></Codes></CodeBook>'
    assert refusal(tmp_path, book.encode(), "book.qdc").startswith("declares XML entities")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    data = archive_of({"p.qde": qde().replace(b"<Sources>", b" " * 50_000_000 + b"<Sources>")})
    tracemalloc.start()
    assert "more than 300 times its size" in refusal(tmp_path, data)
    assert tracemalloc.get_traced_memory()[1] < SAFE_BYTES
    tracemalloc.stop()


def test_a_text_that_is_a_bomb_leaves_the_source_out(tmp_path):
    path = tmp_path / "p.qdpx"
    path.write_bytes(archive_of({"p.qde": qde(text_source("x", (0, 3, ""))), "sources/one.txt": b"a" * 20_000_000}))
    [left_out] = read_project(path).left_out
    assert left_out.says == "one: left out with 1 codings: holds a part that unpacks to more than 300 times its size"


def test_declared_sizes_count_before_anything_is_read(tmp_path):
    data = archive_of({"p.qde": qde()})
    assert refusal(tmp_path, claiming(data, 2_100_000_000)).startswith("declares 2 GB or more")
    assert refusal(tmp_path, claiming(data, 200_000_000)).startswith("unpacks to more than 100 MB")
    assert refusal(tmp_path, claiming(data, 20)) == "is damaged; export it again"


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_a_part_that_points_outside_is_refused(tmp_path, name):
    assert "points outside" in refusal(tmp_path, archive_of({"p.qde": qde(), name: b"x"}))


def test_absurd_counts_are_refused(tmp_path):
    many = archive_of({"p.qde": qde(), **{f"sources/{n}.txt": b"" for n in range(PARTS)}})
    assert refusal(tmp_path, many).startswith("has more than 20,000 parts")
    for absurd in (b"<a/>" * 2 * TAGS, b"<a " + b'b="" ' * (ATTRIBUTES + 1) + b"/>"):
        path = tmp_path / "absurd.qdc"
        assert refusal(tmp_path, b"<CodeBook>" + absurd + b"</CodeBook>", path.name).startswith("holds more than any")


def test_absurd_depths_do_no_harm(tmp_path):
    deep = b'<Code name="a" guid="">' * 200 + b"</Code>" * 200
    path = tmp_path / "deep.qdc"
    path.write_bytes(b"<CodeBook><Codes>" + deep + b"</Codes></CodeBook>")
    assert read_codes(path)[1][0].name == "a"
    deeper = b"<Code>" * 100_000
    assert "not sound XML" in refusal(tmp_path, b"<CodeBook>" + deeper + b"</CodeBook>", "deeper.qdc")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7", "is no project archive but a PDF; export a .qdpx"),
        (b"", "is no project archive but something else; export a .qdpx"),
        (b"PK\x03\x04" + b"\0" * 40, "is damaged; export it again"),
        (archive_of({"a.txt": b"x"}), "holds no project files (.qde) in place of one"),
        (archive_of({"a.qde": qde(), "b.qde": qde()}), "holds 2 project files (.qde) in place of one"),
        (archive_of({"a.qde": b"<Project"}), "is not sound XML; export it again"),
        (
            archive_of({"a.qde": b"<CodeBook/>"}),
            "is XML but no REFI-QDA project; export the project, not its codebook",
        ),
    ],
    ids=["pdf", "empty", "cut", "none", "two", "broken", "codebook"],
)
def test_what_is_no_project_says_so(tmp_path, data, said):
    assert refusal(tmp_path, data) == said


def test_an_encrypted_archive_is_refused(tmp_path):
    data = bytearray(archive_of({"p.qde": qde()}))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + at] |= 1
    assert refusal(tmp_path, bytes(data)) == "is encrypted; export it without a password"


def test_recordings_are_never_unpacked(tmp_path):
    path = tmp_path / "p.qdpx"
    parts = parts_of(project_bytes(project_of()))
    path.write_bytes(archive_of({**parts, "sources/video.mp4": b"\0" * 150_000_000}))
    tracemalloc.start()
    assert read_project(path).project == project_of()
    assert tracemalloc.get_traced_memory()[1] < SAFE_BYTES
    tracemalloc.stop()


SAMPLES = samples()


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(SAMPLES)),
    at=st.floats(0, 1),
    put=st.binary(max_size=6) | st.sampled_from([b"&a;", b"<", b'"', b"-1", b"\x00"]),
    inside=st.booleans(),
)
def test_a_changed_file_is_read_or_refused_with_one_line(tmp_path, name, at, put, inside):
    data = SAMPLES[name]
    if inside and name.endswith(".qdpx"):
        parts = parts_of(data)
        place = int(at * len(parts["project.qde"]))
        project = parts["project.qde"]
        data = archive_of({**parts, "project.qde": project[:place] + put + project[place + len(put) :]})
    else:
        place = int(at * len(data))
        data = data[:place] + put + data[place + len(put) :]
    path = tmp_path / name
    path.write_bytes(data)
    try:
        read_codes(path) if name.endswith(".qdc") else read_project(path)
    except InputError as refused:
        assert "\n" not in str(refused)


def test_a_huge_position_costs_nothing(tmp_path):
    path = tmp_path / "p.qdpx"
    source = text_source("x", ("9" * 5000, "-" * 9, ""), (-5, 2, ""), (5, 2, ""))
    path.write_bytes(archive_of({"p.qde": qde(source), "sources/one.txt": TALK.encode()}))
    assert read_project(path).placements[0].outside == 3


@pytest.mark.parametrize(
    ("text", "count", "quote"),
    [
        ("a\n" * 200_000, 600, "a a a a a a a a a a a a a a a a a a a a a"),
        ("\r\n🙂" * 100_000 + "a", 600, "x" * 4_000),
        ("word " * 1_000_000, 600, "word…"),
    ],
    ids=["line ends", "emoji", "long selections"],
)
def test_absurd_texts_cost_little(tmp_path, text, count, quote):
    path = tmp_path / "p.qdpx"
    source = text_source("x", *((n, len(text) - 9 * n, quote) for n in range(count)))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p.qde", qde(source))
        archive.writestr("sources/one.txt", text.encode())
    tracemalloc.start()
    reading = read_project(path)
    assert tracemalloc.get_traced_memory()[1] < SAFE_BYTES
    tracemalloc.stop()
    assert reading.placements[0].selections == count


def test_more_text_than_any_project_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.refi.read.CHARACTERS", 3_000_000)
    text = "Nobody told us who pays. " * 100_000
    sources = text_source("x", (0, 6, "")) + text_source("y", (0, 6, ""), path="internal://two.txt", name="two")
    path = tmp_path / "p.qdpx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p.qde", qde(sources))
        archive.writestr("one.txt", text)
        archive.writestr("two.txt", text)
    reading = read_project(path)
    assert [one.name for one in reading.project.sources] == ["one"]
    assert reading.left_out[0].why == "the project holds more than 3 million characters of text"


def test_the_archive_is_closed_whatever_happens(tmp_path):
    path = tmp_path / "p.qdpx"
    path.write_bytes(archive_of({"a.qde": b"<"}))
    with pytest.raises(InputError):
        read_project(path)
    path.unlink()
    assert zipfile.is_zipfile(io.BytesIO(SAMPLES["generic.qdpx"]))
