"""`oaicheck serve`: what it says where it cannot start."""

import socket

import pytest

from oaicheck.cli.serve import serve_command


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve_command(["--port", str(port)]) == 4
    said = capsys.readouterr().err
    assert f"oaicheck: 127.0.0.1:{port}: Address already in use; --port 0 picks" in said


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        serve_command(["--prot", "1"])
    assert ended.value.code == 4
    assert "oaicheck: unrecognized arguments: --prot 1" in capsys.readouterr().err
