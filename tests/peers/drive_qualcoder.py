"""Runs QualCoder without a screen, in an environment of its own: ``python drive_qualcoder.py COMMAND ARGUMENT...``.

``new PROJECT STATEMENTS`` makes a project and runs SQL in it, as its dialogs do; ``import PROJECT FILE`` makes one of a
REFI-QDA project; ``export PROJECT FOLDER`` writes one. QualCoder's own code does the work. Its windows are answered
here, and libraries that only other parts of it need (language models, charts) may be absent.
"""

import builtins
import importlib.abc
import importlib.machinery
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import MagicMock, patch


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for every library that is not installed."""

    def find_spec(self, name, path=None, target=None):
        library = name.partition(".")[0]
        there = library in sys.modules and not isinstance(sys.modules[library], MagicMock)
        if there or library == "qualcoder" or library in sys.stdlib_module_names:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
        return module

    def exec_module(self, module):
        pass


def new_project(main, project):
    """Return QualCoder's application with a project that its own window made."""
    window = MagicMock(app=main.App())
    answer = (str(project.with_suffix("")), True)
    with patch.object(main.QtWidgets.QFileDialog, "getSaveFileName", return_value=answer):
        main.MainWindow.new_project(window)
    return window.app


def opened(main, project):
    app = main.App()
    app.project_path, app.project_name = str(project), project.name
    app.create_connection(str(project))
    return app


def run_statements(project, statements):
    with closing(sqlite3.connect(project / "data.qda")) as connection:
        for statement, values in json.loads(statements.read_text(encoding="utf-8")):
            connection.execute(statement, values)
        connection.commit()


def import_project(main, app, file):
    from qualcoder import refi

    with patch.object(main.QtWidgets.QFileDialog, "getOpenFileName", return_value=(str(file), True)):
        refi.RefiImport(app, MagicMock(), "qdpx")


def export_project(main, app, folder):
    from qualcoder import refi

    with (
        patch.object(main.QtWidgets.QFileDialog, "getExistingDirectory", return_value=str(folder)),
        patch.object(refi.RefiLineEndings, "exec", return_value=1),
    ):
        refi.RefiExport(app, MagicMock(), "project")


def drive(command, project, argument):
    builtins._ = str  # gettext, which QualCoder's start installs
    from PyQt6 import QtWidgets

    application = QtWidgets.QApplication([])
    with patch("PyQt6.QtWidgets.QMessageBox.exec", return_value=0):  # by which QualCoder's own excepthook would wait
        import qualcoder.__main__ as main
    from qualcoder import helpers

    sys.excepthook = sys.__excepthook__
    main.AiLLM = MagicMock()
    with patch.object(helpers.Message, "exec", return_value=0):
        if command == "export":
            export_project(main, opened(main, project), argument)
        elif command == "import":
            import_project(main, new_project(main, project), argument)
        else:
            new_project(main, project)
            run_statements(project, argument)
    print(main.App().version, file=sys.stderr)
    application.quit()


if __name__ == "__main__":
    sys.meta_path.append(Absent())
    drive(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
