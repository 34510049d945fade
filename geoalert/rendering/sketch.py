"""The demo's composite sketch: a man who does not exist, short dark beard, hooded jacket, drawn by this project's own code."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

from geoalert.rendering.pencil import Pencil, Point, smooth

WIDTH_PX, HEIGHT_PX = 600, 800

_FACE: list[Point] = [
    (204, 300),
    (205, 350),
    (212, 404),
    (226, 454),
    (250, 498),
    (278, 525),
    (300, 531),
    (322, 525),
    (350, 498),
    (374, 454),
    (388, 404),
    (395, 350),
    (396, 300),
    (384, 246),
    (350, 212),
    (300, 202),
    (250, 212),
    (216, 246),
    (204, 300),
]
_HOOD_OUT: list[Point] = [
    (196, 620),
    (154, 540),
    (138, 440),
    (140, 330),
    (160, 232),
    (200, 158),
    (252, 116),
    (306, 106),
    (360, 120),
    (408, 164),
    (442, 238),
    (460, 330),
    (462, 440),
    (446, 540),
    (404, 620),
]
_HOOD_IN: list[Point] = [
    (232, 574),
    (200, 500),
    (188, 430),
    (184, 350),
    (192, 270),
    (222, 206),
    (262, 178),
    (302, 172),
    (342, 180),
    (380, 208),
    (408, 270),
    (416, 350),
    (412, 430),
    (400, 500),
    (368, 574),
]
_SHOULDERS: list[Point] = [
    (28, 800),
    (40, 730),
    (74, 668),
    (128, 622),
    (190, 588),
    (246, 574),
    (300, 612),
    (354, 574),
    (410, 588),
    (472, 622),
    (526, 668),
    (560, 730),
    (572, 800),
]
_BEARD: list[Point] = [
    (207, 372),
    (217, 410),
    (236, 436),
    (254, 446),
    (264, 452),
    (282, 446),
    (300, 450),
    (318, 446),
    (336, 452),
    (346, 446),
    (364, 436),
    (383, 410),
    (393, 372),
    (388, 410),
    (374, 458),
    (350, 500),
    (322, 527),
    (300, 534),
    (278, 527),
    (250, 500),
    (226, 458),
    (212, 410),
]
_MOUSTACHE: list[Point] = [
    (252, 458),
    (264, 446),
    (284, 440),
    (300, 443),
    (316, 440),
    (336, 446),
    (348, 458),
    (328, 455),
    (300, 452),
    (272, 455),
]
_MOUTH: list[Point] = [(266, 463), (284, 459), (300, 462), (316, 459), (334, 463), (318, 476), (300, 480), (282, 476)]


@cache
def demo_sketch() -> bytes:
    """Draws the portrait and returns it as PNG, 600 x 800 px, the same bytes every time on one Pillow."""
    pencil = Pencil(WIDTH_PX, HEIGHT_PX)
    _hood(pencil)
    _face(pencil)
    _jacket(pencil)
    for side in (-1, 1):
        _eye(pencil, side)
    _nose_and_mouth(pencil)
    _beard(pencil)
    _cords(pencil)
    out = io.BytesIO()
    pencil.picture().save(out, format="PNG", optimize=True)
    return out.getvalue()


def _mirror(points: Sequence[Point], side: int) -> list[Point]:
    return [(300 + side * (x - 300), y) for x, y in points]


def _jacket(pencil: Pencil) -> None:
    body = [*_SHOULDERS, (572, 800), (28, 800)]
    pencil.erase(body)
    pencil.smudge(body, grey=222, soft=4)
    pencil.hatch(body, angle_deg=62, spacing=9, grey=176, soft=3)
    for side in (-1, 1):
        pencil.smudge(_mirror([(190, 588), (246, 574), (300, 612), (296, 650), (230, 610)], side), grey=190, soft=9)
    pencil.hatch([(28, 800), (40, 730), (74, 668), (128, 622), (190, 588), (240, 660), (262, 800)], angle_deg=118, spacing=10, grey=168)
    pencil.hatch([(60, 800), (70, 720), (110, 690), (130, 800)], angle_deg=80, spacing=6, grey=130)
    pencil.stroke(_SHOULDERS, grey=60, width=2.4, passes=4, jitter=2.0)
    for side in (-1, 1):
        for fold in ([(402, 640), (430, 690), (440, 760)], [(470, 650), (492, 712), (498, 790)], [(360, 620), (376, 670), (372, 720)]):
            pencil.stroke(_mirror(fold, side), grey=110, width=1.8, passes=3)
    for x in (294, 306):
        pencil.stroke([(300, 614), (x, 660), (x, 730), (x, 800)], grey=70, width=1.6, passes=2, jitter=0.8)
    for y in range(640, 800, 9):
        pencil.stroke([(296, y), (304, y + 1)], grey=80, width=1.4, passes=1, jitter=0.4)


def _hood(pencil: Pencil) -> None:
    ring = [*smooth(_HOOD_OUT), *reversed(smooth(_HOOD_IN))]
    pencil.erase(smooth(_HOOD_OUT))
    pencil.smudge(ring, grey=214, soft=4)
    pencil.hatch(ring, angle_deg=70, spacing=8, grey=165, soft=3)
    left = [*smooth(_HOOD_OUT[:8]), *reversed(smooth(_HOOD_IN[:8]))]
    pencil.hatch(left, angle_deg=110, spacing=8, grey=150, soft=4)
    pencil.smudge(smooth(_HOOD_IN), grey=120, soft=6)
    pencil.hatch(smooth(_HOOD_IN), angle_deg=48, spacing=5, grey=95, soft=4)
    pencil.stroke(_HOOD_OUT, grey=60, width=2.6, passes=4, jitter=2.2)
    pencil.stroke(_HOOD_IN, grey=45, width=2.6, passes=4, jitter=1.6)
    inner = [(x + (300 - x) * -0.06, y - 4 if y < 400 else y) for x, y in _HOOD_IN]
    pencil.stroke(inner, grey=120, width=1.4, passes=2, jitter=1.2)
    for crease in (
        [(214, 150), (206, 196), (190, 240)],
        [(392, 152), (404, 200), (424, 250)],
        [(150, 470), (170, 520), (176, 566)],
        [(450, 470), (432, 522), (426, 566)],
    ):
        pencil.stroke(crease, grey=105, width=1.8, passes=3)


def _face(pencil: Pencil) -> None:
    neck = [(246, 480), (354, 480), (366, 560), (300, 606), (234, 560)]
    pencil.erase(neck)
    pencil.smudge(neck, grey=150, soft=6)
    pencil.hatch(neck, angle_deg=20, spacing=5, grey=120, soft=4)
    oval = smooth(_FACE)
    pencil.erase(oval)
    pencil.smudge(oval, grey=240, soft=3)
    pencil.smudge([(204, 290), (206, 350), (214, 410), (232, 462), (262, 500), (258, 440), (240, 380), (236, 300)], grey=196, soft=18)
    pencil.hatch(
        [(203, 270), (206, 350), (214, 410), (234, 466), (268, 508), (262, 440), (240, 390), (238, 280)], angle_deg=58, spacing=6, grey=150
    )
    pencil.hatch([(396, 280), (392, 360), (380, 420), (366, 440), (372, 370), (378, 290)], angle_deg=122, spacing=7, grey=175)
    pencil.smudge([(206, 230), (300, 200), (394, 230), (392, 268), (300, 246), (208, 268)], grey=150, soft=10)
    pencil.hatch([(206, 232), (300, 198), (394, 232), (390, 276), (300, 252), (210, 276)], angle_deg=8, spacing=6, grey=130)
    fringe: list[Point] = [(222, 236), (258, 206), (300, 198), (342, 206), (378, 236), (350, 240), (300, 228), (250, 240)]
    pencil.tufts(fringe, count=260, length=22, towards=(300, 150), grey=(30, 90))
    pencil.stroke(_FACE[:13], grey=70, width=2.0, passes=3, jitter=1.4)
    for brow_line in ([(262, 292), (300, 288), (338, 293)], [(270, 276), (300, 273), (332, 277)]):
        pencil.stroke(brow_line, grey=185, width=1.2, passes=2)


def _eye(pencil: Pencil, side: int) -> None:
    socket = _mirror([(322, 330), (352, 318), (384, 330), (382, 358), (350, 370), (322, 358)], side)
    pencil.smudge(socket, grey=204, soft=10)
    pencil.hatch(_mirror([(318, 318), (340, 322), (330, 366), (314, 376)], side), angle_deg=90 - 30 * side, spacing=5, grey=150)
    white = _mirror([(329, 350), (340, 341), (354, 338), (368, 342), (377, 350), (364, 357), (350, 359), (338, 356)], side)
    pencil.erase(smooth([*white, white[0]]))
    centre = 300 + side * 53
    iris = _disc(centre, 347.5, 10.5)
    pencil.smudge(iris, grey=90, soft=1.2)
    pencil.smudge(_disc(centre, 347.5, 5.2), grey=20, soft=0.8)
    pencil.stroke([*iris, iris[0]], grey=50, width=1.3, passes=2, jitter=0.5)
    pencil.erase(_disc(centre - 3, 343.5, 2.1))
    pencil.stroke(white[:5], grey=25, width=2.8, passes=3, jitter=0.7)
    pencil.stroke([white[4], *white[5:], white[0]], grey=95, width=1.3, passes=2, jitter=0.6)
    pencil.stroke(_mirror([(330, 334), (350, 325), (372, 331), (382, 343)], side), grey=100, width=1.4, passes=2)
    pencil.stroke(_mirror([(334, 370), (352, 375), (372, 368)], side), grey=150, width=1.3, passes=2)
    brow = _mirror([(322, 318), (338, 306), (362, 301), (390, 313), (386, 319), (362, 311), (340, 316), (324, 326)], side)
    pencil.smudge(brow, grey=120, soft=2)
    pencil.tufts(brow, count=120, length=14, towards=(300 - side * 40, 330), grey=(25, 80))


def _nose_and_mouth(pencil: Pencil) -> None:
    pencil.smudge([(284, 330), (292, 380), (280, 424), (296, 436), (304, 400), (300, 340)], grey=212, soft=8)
    pencil.hatch([(282, 330), (292, 376), (276, 420), (284, 434), (298, 420), (299, 350)], angle_deg=70, spacing=4.5, grey=155)
    pencil.stroke([(288, 326), (291, 370), (284, 402), (274, 418)], grey=130, width=1.5, passes=3)
    pencil.stroke([(272, 414), (268, 424), (274, 433), (284, 431)], grey=75, width=1.8, passes=3, jitter=0.7)
    pencil.stroke([(328, 414), (332, 424), (326, 433), (316, 431)], grey=75, width=1.8, passes=3, jitter=0.7)
    pencil.stroke([(284, 431), (292, 436), (300, 438), (308, 436), (316, 431)], grey=60, width=1.9, passes=3, jitter=0.7)
    for x in (284, 316):
        pencil.smudge([(x - 6, 430), (x, 427), (x + 6, 430), (x, 434)], grey=50, soft=1.5)
    pencil.smudge(_MOUTH, grey=176, soft=3)
    pencil.hatch(_MOUTH[:5], angle_deg=90, spacing=3.5, grey=120, soft=1.5)
    pencil.stroke([(264, 464), (284, 466), (300, 468), (316, 466), (336, 463)], grey=30, width=2.2, passes=3, jitter=0.7)
    pencil.stroke([(278, 477), (300, 482), (322, 476)], grey=90, width=1.6, passes=2)
    pencil.hatch([(280, 484), (320, 484), (312, 494), (288, 494)], angle_deg=10, spacing=3.5, grey=110, soft=3)
    for side in (-1, 1):
        pencil.stroke(_mirror([(334, 422), (346, 440), (350, 458)], side), grey=150, width=1.4, passes=2)


def _beard(pencil: Pencil) -> None:
    chin = [(262, 486), (300, 492), (338, 486), (352, 500), (322, 529), (300, 535), (278, 529), (248, 500)]
    cheeks = smooth(_BEARD)
    pencil.smudge(cheeks, grey=150, soft=5)
    for patch, count in (
        (cheeks, 620),
        (chin, 420),
        ([(250, 460), (268, 470), (272, 488), (256, 492)], 70),
        ([(350, 460), (332, 470), (328, 488), (344, 492)], 70),
    ):
        pencil.tufts(patch, count=count, length=12, towards=(300, 380), grey=(25, 95))
    pencil.smudge(_MOUSTACHE, grey=130, soft=2)
    pencil.tufts(_MOUSTACHE, count=230, length=10, towards=(300, 428), grey=(25, 85))
    pencil.tufts([(292, 482), (308, 482), (310, 496), (290, 496)], count=50, length=9, towards=(300, 470), grey=(30, 90))


def _cords(pencil: Pencil) -> None:
    for side in (-1, 1):
        cord = _mirror([(352, 588), (358, 630), (354, 680), (358, 716)], side)
        pencil.stroke(cord, grey=235, width=6.0, passes=1, jitter=0.2)
        for offset in (-3.2, 3.2):
            pencil.stroke([(x + offset, y) for x, y in cord], grey=60, width=1.5, passes=2, jitter=0.5)
        tip = [(cord[-1][0] - 4, 714), (cord[-1][0] + 4, 714), (cord[-1][0] + 4, 736), (cord[-1][0] - 4, 736)]
        pencil.smudge(tip, grey=70, soft=1)


def _disc(x: float, y: float, radius: float) -> list[Point]:
    from math import cos, pi, sin

    return [(x + radius * cos(2 * pi * n / 24), y + radius * sin(2 * pi * n / 24)) for n in range(24)]
