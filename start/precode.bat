@echo off
rem Double-click: opens precode in the browser. Closing this window ends it.
title precode
if exist "%~dp0..\.venv\Scripts\precode.exe" (
  "%~dp0..\.venv\Scripts\precode.exe"
) else (
  where precode >nul 2>nul
  if errorlevel 1 (
    if exist "%USERPROFILE%\.local\bin\precode.exe" ("%USERPROFILE%\.local\bin\precode.exe") else (echo precode is not installed yet: see docs\researchers.md)
  ) else (
    precode
  )
)
if errorlevel 1 pause
