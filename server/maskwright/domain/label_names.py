"""What a label is called elsewhere: spelling, and words of one meaning.

A **key** is a name without its spelling: `TrafficLight`, `traffic-light` and `Traffic lights` have
one. Data sets name things in different words besides; the tables below tell which words mean the
same, and which mean a part of something wider.
"""

import re
import unicodedata
from functools import lru_cache

# Words whose plural no rule gives.
_PLURALS = {
    "people": "person",
    "persons": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "buses": "bus",
    "busses": "bus",
    "knives": "knife",
    "shelves": "shelf",
    "leaves": "leaf",
    "mice": "mouse",
    "skis": "ski",
    "skies": "sky",
}
_KEPT = re.compile(r"(ss|us|is|as|os|series|species)$")
# "tree-merged", "wall-other-merged", "VegetationMisc": what is left over of a wider name.
_LEFT_OVER = frozenset({"merged", "other", "others", "stuff", "misc", "general", "generic"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HIERARCHY = re.compile(r"--+|::|>")
_ALTERNATIVES = re.compile(r"[,;/|]")
_REMARK = re.compile(r"[(\[].*?[)\]]")


@lru_cache(4096)
def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys of a name, the best first.

    `sofa, couch, lounge` has the key of the whole and those of its parts, in their order;
    `object--vehicle--car` that of its narrowest part too, and `tail (dog)` that of what is outside
    the brackets: it is no dog.
    """
    narrowest = _HIERARCHY.split(_REMARK.sub(" ", name))[-1]
    return tuple(dict.fromkeys(filter(None, map(key, (name, *_ALTERNATIVES.split(narrowest))))))


def parents_of(name: str) -> tuple[str, ...]:
    """Return the keys of what a name says it is a kind of, the narrowest first.

    `object--vehicle--car` is a vehicle and an object, but not every vehicle is one of it.
    """
    parts = [key(part) for part in _HIERARCHY.split(_REMARK.sub(" ", name))]
    return tuple(dict.fromkeys(filter(None, parts[-2::-1])))


@lru_cache(4096)
def key(name: str) -> str:
    """Return a name without case, separators, accents and plural; "" for one without letters."""
    flat = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name))
    kept = "".join(char for char in flat if not unicodedata.combining(char))
    words = re.findall(r"[^\W_]+", kept.casefold())
    while len(words) > 1 and words[-1] in _LEFT_OVER:
        words.pop()
    return "".join([*words[:-1], _singular(words[-1])]) if words else ""


def _singular(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if len(word) < 4 or not word.endswith("s") or _KEPT.search(word):
        return word
    for ending, single in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch")):
        if word.endswith(ending):
            return word.removesuffix(ending) + single
    return word.removesuffix("xes") + "x" if word.endswith("xes") else word[:-1]


def synonyms(name_key: str) -> tuple[str, ...]:
    """Return the keys of equal meaning, the commonest word first; itself alone if it has none."""
    return _SAME.get(name_key, (name_key,))


def wider(name_key: str) -> tuple[str, ...]:
    """Return the keys that may stand for this one when a project has no equal, the best first."""
    found: list[str] = []
    for own in synonyms(name_key):
        for other in _WIDER.get(own, ()):
            found += synonyms(other)
    return tuple(dict.fromkeys(found))


# One line per meaning. VOC, COCO things and stuff, Cityscapes, BDD100K, CamVid, ADE20K, Mapillary.
_MEANINGS = """
background, bg, other, rest, remainder, everything else, anything else, none of these
person, people, human, individual, someone
pedestrian, walker, person walking
rider, bicyclist, cyclist, bike rider, bicycle rider
motorcyclist, motorcycle rider, motorbike rider
man, male
woman, female
child, kid, boy, girl, toddler, baby

car, automobile, auto, motorcar, passenger car, sedan
truck, lorry, motortruck, goods vehicle, heavy vehicle
bus, coach, autobus, motorbus, omnibus, double decker
van, minivan, minibus, delivery van
pickup, pickup truck, suv pickup truck, suv
train, railway train, rail vehicle, on rails, locomotive
tram, streetcar, trolley car, tramway
motorcycle, motorbike, motor, motor bike, motor cycle, motorcycle scooter
scooter, moped, minibike
bicycle, bike, cycle, pushbike, push bike, pedal cycle
aeroplane, airplane, plane, aircraft, airliner, jet
boat, ship, watercraft
caravan, camper, motorhome
vehicle, motor vehicle

bird, fowl
cat, kitten, house cat
dog, puppy, hound
cow, cattle, bull, ox
horse, pony
sheep, lamb, ewe, ram
animal, fauna

sofa, couch, settee, loveseat, lounge
chair, dining chair
armchair, easy chair
diningtable, dining table, dinner table, kitchen table
table
desk, writing desk
tv, tv monitor, television, tv set, television set, television receiver, telly, tv or monitor
monitor, computer monitor, screen, display, computer screen, crt screen
pottedplant, potted plant, houseplant, house plant, indoor plant, pot plant
plant, flora, plant life
bed, bunk
refrigerator, fridge, icebox, refridgerator
oven, stove, cooker
microwave, microwave oven
sink, washbasin, wash basin, basin
toilet, wc, lavatory, commode, toilet bowl
bathtub, bath, bathing tub
cabinet, cupboard
wardrobe, closet
curtain, drape, drapery, mantle
window, windowpane, pane
floor, flooring
rug, carpet, carpeting, mat
cushion, pillow
lamp, light fixture, lamp shade
bookshelf, bookcase, book shelf
cell phone, mobile phone, phone, telephone, smartphone, mobile, handphone
laptop, laptop computer, notebook, notebook computer
mouse, computer mouse
keyboard, computer keyboard
remote, remote control, remote controller
hair drier, hair dryer, hairdryer, blow dryer
handbag, purse, bag, hand bag
backpack, rucksack, back pack, knapsack
suitcase, luggage, travel case
umbrella, parasol
bottle, flask
wine glass, wineglass, drinking glass, glass
cup, mug
donut, doughnut
hot dog, hotdog
sports ball, ball
tie, necktie
teddy bear, teddy, stuffed toy, plush toy
picture, painting, photo, poster

road, street, roadway, driveable, drivable, drivable area, driveable area, carriageway, route
lane marking, road marking, lane mkgs driv, lane mkgs non driv, lane line, marking
crosswalk, crosswalk plain, zebra crossing, pedestrian crossing, pedestrian area
sidewalk, pavement, footpath, footway, pathway, walkway, side walk, pedestrian path
path, trail, dirt track
curb, kerb, curb cut
parking, parking lot, parking space, parking block, car park
building, edifice, house, skyscraper, tall building, architecture
wall, partition
fence, fencing, railing
guard rail, guardrail, crash barrier
pole, column pole, column, post, pillar, utility pole, pole group, polegroup
street light, streetlight, street lamp, streetlamp, lamp post, lamppost
traffic light, traffic signal, stoplight, stop light, semaphore
traffic sign, sign, sign symbol, road sign, street sign, signboard, traffic sign front
stop sign, stopsign
vegetation, greenery, foliage
tree, woody plant
bush, shrub, hedge
grass, lawn, turf
terrain, ground, land, earth, soil
dirt, mud
sand, beach
gravel, stone ground
water, body of water
sea, ocean
river, stream, canal
mountain, hill, mount
rock, stone, boulder
snow, ice
bridge, overpass
tunnel, underpass
bench, park bench
fire hydrant, hydrant, fireplug
trash can, garbage can, waste bin, dustbin, ashcan, bin
mail box, mailbox, postbox
billboard, advertisement, hoarding
food, dish
fruit, fresh fruit
furniture, furnishings
"""

# A label that a project lacks goes to the first of these that it has. Only what surely is the
# wider thing, or as good as the same: a wrong draft costs more than none.
_INSTEAD = """
person: pedestrian, rider
pedestrian: person
rider: person, pedestrian
motorcyclist: rider, person, pedestrian
man: person, pedestrian
woman: person, pedestrian
child: person, pedestrian
car: vehicle
truck: vehicle
bus: vehicle
van: car, vehicle
pickup: car, truck, vehicle
train: vehicle
tram: train, vehicle
motorcycle: vehicle
scooter: motorcycle, vehicle
caravan: trailer, vehicle
trailer: vehicle
truck bus: truck, bus, vehicle
boat: vehicle
aeroplane: vehicle
bicycle: vehicle
bird: animal
cat: animal
dog: animal
cow: animal
horse: animal
sheep: animal
elephant: animal
bear: animal
zebra: animal
giraffe: animal
sofa: furniture
chair: furniture
armchair: chair, furniture
diningtable: table, furniture
table: diningtable, desk, furniture
desk: table, furniture
coffee table: table, furniture
bed: furniture
cabinet: furniture
wardrobe: cabinet, furniture
bookshelf: furniture
tv: monitor
monitor: tv
pottedplant: plant, vegetation
plant: vegetation, pottedplant
tree: vegetation, plant
palm: tree, vegetation, plant
bush: vegetation, plant, tree
flower: plant, vegetation
vegetation: tree, plant
grass: terrain, vegetation
field: terrain, grass
dirt: terrain
sand: terrain
gravel: terrain
terrain: grass
lane marking: road
crosswalk: road
road shoulder: road
bike lane: road
service lane: road
parking: road
curb: sidewalk
path: sidewalk
guard rail: fence
street light: pole
stop sign: traffic sign
traffic sign back: traffic sign
traffic sign frame: traffic sign
sea: water
river: water
lake: water
swimming pool: water
wine glass: cup
banana: fruit, food
apple: fruit, food
orange: fruit, food
sandwich: food
broccoli: food
carrot: food
hot dog: food
pizza: food
donut: food
cake: food
"""


def _meanings() -> dict[str, tuple[str, ...]]:
    same: dict[str, tuple[str, ...]] = {}
    for line in filter(None, _MEANINGS.splitlines()):
        words = tuple(dict.fromkeys(key(name) for name in line.split(",")))
        same |= dict.fromkeys(words, words)
    return same


def _instead() -> dict[str, tuple[str, ...]]:
    pairs = (line.split(":") for line in filter(None, _INSTEAD.splitlines()))
    return {key(name): tuple(map(key, others.split(","))) for name, others in pairs}


_SAME = _meanings()
_WIDER = _instead()
