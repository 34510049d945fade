"""How an exported table looks when it is opened: the colours of the plan's map, as QGIS and KML write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from geoalert.frames.tables import Table

AREA_COLOUR = "#E69F00"
LAYER_COLOURS = ("#0072B2", "#7A4B94", "#3B3B3B", "#56B4E9")
POINT_COLOURS = {"chosen": "#009E73", "visit": "#D55E00", "skipped": "#6E6E6E"}
POINT_WORDS = {"chosen": "chosen", "visit": "to be visited", "skipped": "skipped"}

_MARKERS = {"chosen": ("circle", 3.0), "visit": ("triangle", 3.6), "skipped": ("cross2", 2.4)}
_POINT, _POLYGON = 0, 2
_BLACK = "0,0,0,255"
# QGIS reads symbol options in this form since 3.18; its own files have hundreds more, all with defaults.
_QML = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.28.0" styleCategories="Symbology|Labeling" labelsEnabled="1">
{renderer}
  <labeling type="simple">
    <settings calloutType="simple">
      <text-style fieldName="{label}" isExpression="1" fontFamily="Sans Serif" fontSize="{size}" fontSizeUnit="Point" \
textColor="{colour}" textOpacity="1">
        <text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,255" bufferOpacity="1"/>
      </text-style>
      <placement placement="{placement}" priority="{priority}" dist="1" distUnits="MM"/>
      <rendering drawLabels="1" obstacle="1"/>
    </settings>
  </labeling>
  <layerGeometryType>{geometry}</layerGeometryType>
</qgis>
"""


def rgba(colour: str, alpha: int = 255) -> str:
    """Returns "#E69F00" as QGIS writes it: "230,159,0,255"."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + f",{alpha}"


def qml(table: Table) -> str:
    """Returns the QGIS style of a table: which colours, symbols and labels, and nothing else of how it is opened."""
    if table.name == "selections":
        return _selections()
    if table.name == "area":
        return _area(table)
    return _boundaries(table)


def _area(table: Table) -> str:
    """Returns the style of the area: a filled outline, or a star where it is a bare point."""
    point = table.shapes == {"Point"}
    symbol = _marker("0", "star", 6.0, AREA_COLOUR) if point else _fill("0", AREA_COLOUR, width_mm=0.8, alpha=51)
    return _style(f"""  <renderer-v2 type="singleSymbol" symbollevels="0" forceraster="0" enableorderby="0">
    <symbols>
{symbol}
    </symbols>
  </renderer-v2>""", label='"label"', point=point, colour=rgba("#7A5500"), size=12, priority=9)  # fmt: skip


def _boundaries(table: Table) -> str:
    """Returns the style of boundaries: a colour for each layer, and those that are not targeted thinner, fainter and without a label."""
    names = table.layers
    colours = {name: LAYER_COLOURS[at % len(LAYER_COLOURS)] for at, name in enumerate(names)}
    label = 'if("label" = "id", "id", "label" || \' (\' || "id" || \')\')'
    if "targeted" not in dict(table.fields):
        symbols = [(name, name, _fill(str(at), colours[name], width_mm=0.7)) for at, name in enumerate(names)]
        return _style(_categorised('"layer"', symbols), label=label, colour=rgba("#1A1A1A"))
    symbols = []
    for depth, name in enumerate(names):
        wide = 0.9 if depth == 0 else 0.5
        for state, width_mm, alpha in (("targeted", wide, 255), ("other", wide / 2, 115)):
            words = f"{name}, {state}"
            symbols.append((words, words, _fill(str(len(symbols)), colours[name], width_mm=width_mm, line_alpha=alpha)))
    told = "\"layer\" || if(\"targeted\", ', targeted', ', other')"
    return _style(_categorised(told, symbols), label=f'if("targeted", {label}, NULL)', colour=rgba("#1A1A1A"))


def _selections() -> str:
    """Returns the style of places by their state; those skipped have no label."""
    symbols = [
        (state, f"place, {POINT_WORDS[state]}", _marker(str(at), shape, size_mm, POINT_COLOURS[state]))
        for at, (state, (shape, size_mm)) in enumerate(_MARKERS.items())
    ]
    label = 'if("state" = \'skipped\', NULL, "name")'
    return _style(_categorised('"state"', symbols), label=label, point=True, colour=rgba("#1A1A1A"), size=8)


def _style(renderer: str, *, label: str, colour: str, point: bool = False, size: int = 10, priority: int = 5) -> str:
    placement = 6 if point else 4
    geometry = _POINT if point else _POLYGON
    values = {"size": size, "colour": colour, "placement": placement, "priority": priority, "geometry": geometry}
    return _QML.format(renderer=renderer, label=escape(label), **values)


def _categorised(expression: str, symbols: Sequence[tuple[str, str, str]]) -> str:
    """Returns the renderer with one symbol for each value of an expression: (value, words of the legend, symbol)."""
    lines = [f'  <renderer-v2 type="categorizedSymbol" attr="{escape(expression)}" symbollevels="0" forceraster="0" enableorderby="0">']
    lines.append("    <categories>")
    for at, (value, words, _) in enumerate(symbols):
        lines.append(f'      <category render="true" type="string" symbol="{at}" value="{escape(value)}" label="{escape(words)}"/>')
    lines += ["    </categories>", "    <symbols>", *(symbol for _, _, symbol in symbols), "    </symbols>", "  </renderer-v2>"]
    return "\n".join(lines)


def _symbol(kind: str, name: str, layer: str, options: Mapping[str, object]) -> str:
    """Returns a symbol of one layer, its options in alphabetical order."""
    rows = [f'            <Option name="{key}" type="QString" value="{value}"/>' for key, value in sorted(options.items())]
    return "\n".join(
        [
            f'      <symbol type="{kind}" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">',
            f'        <layer class="{layer}" enabled="1" locked="0" pass="0">',
            '          <Option type="Map">',
            *rows,
            "          </Option>",
            "        </layer>",
            "      </symbol>",
        ]
    )


def _fill(name: str, colour: str, *, width_mm: float, alpha: int = 0, line_alpha: int = 255) -> str:
    options = {
        "color": rgba(colour, alpha), "style": "solid" if alpha else "no", "joinstyle": "round", "outline_color": rgba(colour, line_alpha),
        "outline_style": "solid", "outline_width": f"{width_mm:g}", "outline_width_unit": "MM",
    }  # fmt: skip
    return _symbol("fill", name, "SimpleFill", options)


def _marker(name: str, shape: str, size_mm: float, colour: str) -> str:
    # A cross has no inside: QGIS draws it with its outline alone.
    outline = (rgba(colour), 0.6) if shape == "cross2" else (_BLACK, 0.2)
    options = {
        "name": shape, "color": rgba(colour), "size": f"{size_mm:g}", "size_unit": "MM", "outline_color": outline[0],
        "outline_style": "solid", "outline_width": f"{outline[1]:g}", "outline_width_unit": "MM",
    }  # fmt: skip
    return _symbol("marker", name, "SimpleMarker", options)


def kml_styles(layers: int) -> list[str]:
    """Returns the KML styles: the area, targeted and other boundaries of each layer in its colour, and each state of a place."""
    styles = [_kml_polygon("area", AREA_COLOUR, width=3, line="ff", fill="33")]
    for at in range(layers):
        colour = LAYER_COLOURS[at % len(LAYER_COLOURS)]
        styles.append(_kml_polygon(f"layer{at}-targeted", colour, width=3, line="ff", fill="00"))
        styles.append(_kml_polygon(f"layer{at}-other", colour, width=1, line="73", fill="00"))
    for state, colour in POINT_COLOURS.items():
        drawn = f"<IconStyle><color>ff{_bgr(colour)}</color></IconStyle>"
        styles.append(f'<Style id="{state}">{drawn}<LabelStyle><scale>{0 if state == "skipped" else 0.8}</scale></LabelStyle></Style>')
    return styles


def _kml_polygon(name: str, colour: str, *, width: int, line: str, fill: str) -> str:
    bgr = _bgr(colour)
    icon = f"<IconStyle><color>ff{bgr}</color></IconStyle>"
    drawn = (
        f"{icon}<LineStyle><color>{line}{bgr}</color><width>{width}</width></LineStyle><PolyStyle><color>{fill}{bgr}</color></PolyStyle>"
    )
    return f'<Style id="{name}">{drawn}</Style>'


def _bgr(colour: str) -> str:
    """Returns "#E69F00" as KML has it, blue first: "009fe6"."""
    return (colour[5:7] + colour[3:5] + colour[1:3]).lower()
