#---- assignments
a = b = [1]
b.append(2)
(c, d), *e = (1, 2), 3, 4
f: int = 5
f += 2
g = h = 0
x, y = y0, x0 = 1, 2
[m, n] = "ab"
#---- stars in assignments
a, *b, c = range(6)
*d, = 'xy'
e, *f = [1]
#---- aliases see changes
a = {'k': [1]}
b = a['k']
b += [2]
c = a
c['z'] = b
del a['k'][0]
#---- tuples are not changed in place
a = (1, 2)
b = a
b += (3,)
#---- if and elif
def f(n):
    if n < 0:
        return 'negative'
    elif n == 0:
        return 'zero'
    else:
        return 'positive'
a = [f(n) for n in (-1, 0, 1)]
#---- for with else and break
a = []
for n in range(10):
    if n == 3:
        continue
    if n == 6:
        break
    a.append(n)
else:
    a.append('end')
for q in []:
    pass
else:
    b = 'else'
for i, (j, k) in enumerate([(1, 2), (3, 4)]):
    c = i, j, k
#---- a list that grows while it is gone through
a = [1, 2, 3]
for n in a:
    if n < 3:
        a.append(n + 10)
#---- while
a, n = [], 5
while n:
    n -= 1
    if n == 2:
        continue
    a.append(n)
else:
    a.append('done')
#---- try and except
a = []
try:
    {}['k']
except KeyError:
    a.append('key')
else:
    a.append('no')
finally:
    a.append('finally')
try:
    a.append(1)
except Exception:
    a.append('never')
else:
    a.append('else')
#---- the exception's class decides
def f(kind):
    try:
        if kind == 'key':
            return {}[1]
        if kind == 'index':
            return [][1]
        if kind == 'zero':
            return 1 / 0
        if kind == 'attribute':
            return 'x'.nothing
        if kind == 'value':
            return int('x')
        if kind == 'type':
            return 1 + 'x'
        if kind == 'name':
            return not_there
        if kind == 'own':
            raise RuntimeError('own')
        return 'fine'
    except (KeyError, IndexError):
        return 'lookup'
    except ArithmeticError:
        return 'arithmetic'
    except AttributeError:
        return 'attribute'
    except ValueError:
        return 'value'
    except TypeError:
        return 'type'
    except NameError:
        return 'name'
    except Exception as error:
        return 'other'
a = [f(kind) for kind in ('key', 'index', 'zero', 'attribute', 'value', 'type', 'name', 'own', '')]
#---- exceptions of the project
class Base(Exception):
    pass
class Own(Base):
    pass
try:
    raise Own('x')
except Base as e:
    a = 'caught'
try:
    try:
        raise Own
    except ValueError:
        b = 'wrong'
except Base:
    b = 'right'
try:
    try:
        raise Own()
    except Base:
        raise
except Own:
    c = 'again'
#---- finally returns
def f():
    try:
        return 1
    finally:
        a.append('f')
def g():
    for n in range(3):
        try:
            continue
        finally:
            a.append(n)
a = []
b = f()
g()
#---- imports that are not there
try:
    import surely_not_there_anywhere
except ImportError:
    surely_not_there_anywhere = None
    a = 'missing'
try:
    from surely_not_there_anywhere.b import c
except ModuleNotFoundError:
    b = 'missing'
try:
    import json
    c = 'there'
except ImportError:
    c = 'missing'
del json
#---- functions
def f(a, b=2, *args, c, d=4, **kwargs):
    return a, b, args, c, d, kwargs
a = f(1, c=3)
b = f(1, 2, 3, 4, c=5, x=6)
c = f(*[1, 2], **{'c': 3, 'y': 4})
def g(a, /, b, *, c=1):
    return [a, b, c]
d = g(1, b=2)
e = g(1, 2, c=3)
#---- defaults are made once
def f(x, seen=[]):
    seen.append(x)
    return seen
f(1)
a = f(2)
#---- closures
def counter():
    n = 0
    def add(k=1):
        nonlocal n
        n += k
        return n
    return add
c1, c2 = counter(), counter()
a = [c1(), c1(5), c2()]
del c1, c2
fs = [lambda: i for i in range(3)]
b = [f() for f in fs]
gs = [lambda i=i: i for i in range(3)]
c = [g() for g in gs]
del fs, gs
#---- global
n = 1
def f():
    global n, fresh
    n += 1
    fresh = n * 10
f()
#---- recursion
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
a = [fib(n) for n in range(12)]
#---- generators
def numbers(n):
    for i in range(n):
        yield i
    yield from 'ab'
a = list(numbers(3))
b = [x for x in numbers(2)]
c = sum(numbers(0), 5) if not list(numbers(0))[2:] and False else 'x'
g = numbers(1)
d = next(g), next(g), next(g), next(g, 'end')
del g
#---- lambdas
f = lambda x, y=2, *z, **k: (x, y, z, k)
a = f(1)
b = f(1, 3, 4, q=5)
c = (lambda: 7)()
del f
#---- decorators
def twice(f):
    def wrapper(*args, **kwargs):
        return [f(*args, **kwargs)] * 2
    return wrapper
def tag(name):
    def deco(f):
        def wrapper(*args):
            return name, f(*args)
        return wrapper
    return deco
@twice
@tag('t')
def f(x):
    return x + 1
a = f(1)
#---- functools.wraps
import functools
def deco(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args) + 1
    return inner
@deco
def g(x):
    return x
a = g(1)
del functools
#---- classes
class Point:
    """A point."""
    dimensions = 2
    names = ['x', 'y']
    def __init__(self, x, y=0):
        self.x = x
        self.y = y
    def sum(self):
        return self.x + self.y + self.dimensions
    @classmethod
    def origin(cls):
        return cls(0)
    @staticmethod
    def helper(a):
        return a * 2
    @property
    def both(self):
        return self.x, self.y
p = Point(1, y=2)
a = p.sum(), p.both, Point.helper(3), p.helper(4), Point.origin().x, Point.dimensions
p.z = 9
b = p.z, hasattr(p, 'nope'), getattr(p, 'nope', 'd'), Point.__name__, p.__class__.__name__
Point.names.append('z')
c = p.names
Point.dimensions = 3
d = p.dimensions
del p
#---- inheritance and super
class A:
    tags = ['a']
    def __init__(self, n):
        self.log = ['A', n]
    def who(self):
        return 'A'
class B(A):
    tags = A.tags + ['b']
    def __init__(self, n, m):
        super().__init__(n + 1)
        self.log.append(m)
    def who(self):
        return 'B' + super().who()
class C(A):
    def who(self):
        return 'C' + super().who()
class D(B, C):
    def who(self):
        return 'D' + super(D, self).who()
d = D(1, 2)
a = d.log, d.who(), D.tags, [k.__name__ for k in D.__mro__[:4]]
b = isinstance(d, A), isinstance(d, (int, C)), issubclass(D, A), issubclass(A, D), isinstance(5, A)
del d
#---- the body of a class
class A:
    x = 1
    y = [x for _ in range(2)] if False else x + 1
    if x:
        z = 'yes'
    for i in range(3):
        w = i
    def f(self):
        return self.x
    g = f
a = A.x, A.y, A.z, A.i, A.w, A().g()
#---- special methods
class Money:
    def __init__(self, n):
        self.n = n
    def __add__(self, other):
        return Money(self.n + (other.n if isinstance(other, Money) else other))
    __radd__ = __add__
    def __eq__(self, other):
        return self.n == other.n
    def __repr__(self):
        return f'Money({self.n})'
    def __len__(self):
        return self.n
    def __getitem__(self, k):
        return (k, self.n)
    def __contains__(self, k):
        return k == self.n
    def __iter__(self):
        return iter([self.n, self.n])
    def __call__(self, x):
        return x + self.n
    def __bool__(self):
        return self.n != 0
a = [repr(Money(1) + Money(2)), repr(Money(1) + 2), repr(3 + Money(4)), Money(1) == Money(1), Money(1) != Money(1)]
b = len(Money(3)), Money(2)['k'], 5 in Money(5), 4 in Money(5), list(Money(6)), Money(7)(1), bool(Money(0)), not Money(1)
c = str(Money(8)), f'{Money(9)}', '%s' % Money(10)
#---- getattr of one's own
class A:
    x = 1
    def __getattr__(self, name):
        return name.upper()
a = A().x, A().other
#---- with
class Manager:
    def __init__(self, log):
        self.log = log
    def __enter__(self):
        self.log.append('enter')
        return self.log
    def __exit__(self, *details):
        self.log.append(len(details))
log = []
with Manager(log) as m, Manager(log):
    m.append('body')
a = log
del m
#---- contextlib.suppress
import contextlib
a = 1
with contextlib.suppress(KeyError):
    a = 2
    {}['x']
    a = 3
del contextlib
#---- match
def f(x):
    match x:
        case 0 | 1:
            return 'small'
        case [a, b]:
            return ('pair', a, b)
        case [a, *rest]:
            return ('many', a, rest)
        case {'k': v, **rest}:
            return ('dict', v, rest)
        case None:
            return 'none'
        case True:
            return 'true'
        case 'x' as y:
            return y + '!'
        case n if n == 7:
            return 'seven'
        case _:
            return 'else'
a = [f(x) for x in (0, [1, 2], [1, 2, 3], (), {'k': 1, 'z': 2}, None, 'x', 7, 8)]
#---- del
a = [1, 2, 3, 4, 5]
del a[0], a[-1]
del a[:1]
d = {'x': 1, 'y': 2}
del d['x']
z = 1
del z
b = 'z' in globals()
#---- assert
assert True
try:
    assert 1 == 2, 'no'
except AssertionError:
    a = 'failed'
#---- walrus
a = [y := 5, y ** 2]
b = [z for x in range(4) if (z := x * 2) > 2]
if (n := len(b)) > 1:
    c = n
#---- comprehension scopes
x = 'outer'
a = [x for x in range(3)]
b = x
c = {x: y for x, y in zip('ab', range(2))}
d = sorted({x % 3 for x in range(10)})
e = [(i, j) for i in range(3) for j in range(i) if i != 2 or j]
f = list(k for k in 'abc' if k != 'b')
g = {**c, 'z': 1}
h = [*a, *'xy']
#---- choice
a = 'yes' if 1 else 'no'
b = [] or 'default'
c = 0 and undefined_name
d = None or 0 or ''
e = 1 and 2 and 3
#---- chained comparisons
a = 1 < 2 < 3, 1 < 3 < 2, 1 == 1.0 == True, 3 > 2 >= 2 != 1
b = 1 in [1, 2], 'a' not in 'abc', None is None, [] is not None, 'k' in {'k': 1}
#---- enumerations
from enum import Enum, IntEnum
class Color(Enum):
    RED = 'r'
    GREEN = 'g'
    CRIMSON = 'r'
a = Color.RED.value, Color.GREEN.name, [c.value for c in Color], Color('g').name, Color['RED'].value, len(Color)
b = Color.RED is Color.RED, Color.RED == Color.GREEN, Color.CRIMSON.value
del Enum, IntEnum
#---- mutation inside functions
def fill(target, *values):
    target.extend(values)
    target = []
    target.append('lost')
a = []
fill(a, 1, 2)
#---- object attributes are shared
class Box: pass
one = Box()
one.items = []
two = one
two.items.append(1)
a = one.items
del one, two
#---- type as a function
A = type('A', (), {'x': 1, 'f': lambda self: self.x + 1})
a = A.x, A().f(), A.__name__
#---- init_subclass
class Base:
    names = []
    def __init_subclass__(cls, **kwargs):
        Base.names.append(cls.__name__)
class X(Base): pass
class Y(X): pass
a = Base.names
#---- globals and locals
a = 1
globals()['b'] = 2
globals().update({'c': 3})
def f():
    x = 5
    return locals()['x']
d = f()
e = globals().get('a'), globals().get('nope', 'n'), 'a' in globals()
#---- os.environ
import os
os.environ['SURELY_MINE'] = 'v'
a = os.environ['SURELY_MINE'], os.environ.get('SURELY_NOT_THERE'), os.environ.get('SURELY_NOT_THERE', 'd')
b = os.getenv('SURELY_MINE'), os.getenv('SURELY_NOT_THERE', 'x'), os.environ.setdefault('SURELY_TOO', 'y'), 'SURELY_NOT' in os.environ
try:
    os.environ['SURELY_NOT_THERE']
except KeyError:
    c = 'missing'
del os
#---- what a handler names is looked up when something is raised
try:
    import json
    a = 'fine'
except (KeyError, json.JSONDecodeError):
    a = 'never'
try:
    class Late(Exception): pass
    raise Late
except (KeyError, Late):
    b = 'late'
del json
