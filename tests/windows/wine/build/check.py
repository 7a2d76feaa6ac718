"""Does this Windows Python work? Ends with 1 and says what does not."""

import asyncio
import cmath
import ctypes
import importlib.util
import multiprocessing
import sqlite3
import ssl
import subprocess
import sys


def main() -> None:
    """Try what a project leans on: the platform, a child, sockets, NumPy's complex functions."""
    assert sys.platform == "win32", sys.platform
    child = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True)
    assert child.stdout.strip() == "42", child

    async def listen() -> None:
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        server.close()

    asyncio.run(listen())
    if sys.platform == "win32":
        assert ctypes.windll.kernel32.GetCurrentProcessId()
    assert multiprocessing.get_all_start_methods() == ["spawn"]
    said = [f"Python {sys.version.split()[0]}", ssl.OPENSSL_VERSION]
    said.append(f"SQLite {sqlite3.sqlite_version}")
    if importlib.util.find_spec("numpy"):
        import numpy as np

        for function in ("sqrt", "exp", "log", "sin", "tanh", "arccos"):
            wanted = getattr(cmath, function.replace("arc", "a"))(1 + 2j)
            for kind in (np.complex64, np.complex128):
                got = getattr(np, function)(np.array([1 + 2j], kind))[0]
                assert abs(got - wanted) < 1e-5, (function, kind, got, wanted)
        said.append(f"NumPy {np.__version__}")
    print(", ".join(said))


if __name__ == "__main__":
    main()
