"""A ticket the way of a web queue system with a receipt printer: one web request, one row, one picture to the printer.

usage: escpos_ticket.py FOLDER PRINTER_PORT
FOLDER holds regular.ttf and bold.ttf, and gets tickets.db. Prints the port on which it listens.
POST /ticket with {"blocks": [...]}: the texts of a slip from its top (see hardware's Paper), without QR codes.
"""

import os
import sqlite3
import sys
from functools import cache
from time import perf_counter

from escpos.printer import Network
from flask import Flask, jsonify, request
from PIL import Image, ImageDraw, ImageFont
from werkzeug.serving import make_server

WIDTH_DOTS = 576
EM_DOTS = {"small": 24, "normal": 28, "large": 44, "huge": 120}
RULE_DOTS = 2
RULE_SPACE_DOTS = 8

folder, printer_port = sys.argv[1], int(sys.argv[2])


@cache
def font(size, bold):
    return ImageFont.truetype(os.path.join(folder, "bold.ttf" if bold else "regular.ttf"), EM_DOTS[size])


def lines(text, face):
    """Breaks a text between words where it is too wide."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and face.getlength(longer) > WIDTH_DOTS:
            yield line
            line = word
        else:
            line = longer
    yield line


def rows(blocks):
    """What stands on which row: (height, [(left edge, text, font)] or None for a rule)."""
    for block in blocks:
        match block["kind"]:
            case "text":
                face = font(block["size"], block["bold"])
                for line in lines(block["text"], face):
                    room = WIDTH_DOTS - face.getlength(line)
                    left = {"left": 0, "center": room / 2, "right": room}[block["align"]]
                    yield sum(face.getmetrics()), [(left, line, face)]
            case "columns":
                face = font("normal", False)
                left, right = block["left"], block["right"]
                yield sum(face.getmetrics()), [(0, left, face), (WIDTH_DOTS - face.getlength(right), right, face)]
            case "rule":
                yield RULE_DOTS + 2 * RULE_SPACE_DOTS, None
            case "space":
                yield block["dots"], []


def picture(blocks):
    placed = list(rows(blocks))
    image = Image.new("1", (WIDTH_DOTS, sum(height for height, _ in placed)), 1)
    draw = ImageDraw.Draw(image)
    top = 0
    for height, texts in placed:
        if texts is None:
            draw.rectangle((0, top + RULE_SPACE_DOTS, WIDTH_DOTS, top + RULE_SPACE_DOTS + RULE_DOTS - 1), fill=0)
        for left, text, face in texts or []:
            draw.text((left, top), text, font=face, fill=0)
        top += height
    return image


store = sqlite3.connect(os.path.join(folder, "tickets.db"), check_same_thread=False)
store.execute("PRAGMA journal_mode=WAL")
store.execute("PRAGMA synchronous=FULL")
store.execute("CREATE TABLE ticket (number INTEGER PRIMARY KEY, given TEXT DEFAULT CURRENT_TIMESTAMP, slip TEXT)")
printer = Network("127.0.0.1", port=printer_port)
printer.open()
app = Flask(__name__)


@app.post("/ticket")
def ticket():
    slip = request.get_json()
    with store:
        number = store.execute("INSERT INTO ticket (slip) VALUES (?)", (str(slip),)).lastrowid
    began = perf_counter()
    printer.image(picture(slip["blocks"]))
    printer.cut()
    return jsonify(number=number, made_ms=(perf_counter() - began) * 1000)


service = make_server("127.0.0.1", 0, app, threaded=False)
print(service.server_port, flush=True)
# python-escpos says on standard output, for every picture, that it does not know the paper's width.
sys.stdout = open(os.devnull, "w")
service.serve_forever()
