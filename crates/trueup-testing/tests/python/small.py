#---- a name that is bound twice
a = 1
a = [a, a]
#---- an empty module but for a text
"""A text."""
#---- several targets
a, b = b, a = 1, 2
#---- a conditional import
try:
    from typing import Self
except ImportError:
    Self = None
a = 1
del Self
#---- a loop variable stays
for i in range(3): pass
a = i
#---- a list of lists
a = [[0] * 2 for _ in range(2)]
a[0][0] = 1
#---- a dictionary of lists
a = {}
for k, v in [('x', 1), ('y', 2), ('x', 3)]:
    a.setdefault(k, []).append(v)
#---- counting
a = {}
for letter in 'banana':
    a[letter] = a.get(letter, 0) + 1
#---- a while with a counter
n = 0
while True:
    n += 1
    if n > 5: break
#---- nested conditions
a = 'x' if 0 else 'y' if 0 else 'z'
#---- unpacking in calls
a = max(*[1, 5, 3]), dict(**{'a': 1})
#---- a function that returns nothing
def f(): pass
a = f()
#---- a property that depends on another
class A:
    def __init__(self): self.n = 2
    @property
    def double(self): return self.n * 2
    @property
    def four(self): return self.double * 2
a = A().four
#---- class attributes and instances
class A:
    shared = []
    own = None
    def __init__(self): self.own = []
x, y = A(), A()
x.shared.append(1)
x.own.append(2)
a = y.shared, y.own, A.own
del x, y
#---- strings are compared
a = sorted(['b', 'B', 'a', 'A', '_', '1', 'é'])
#---- slices of texts with steps
a = 'abcdefgh'[1:7:2], 'abc'[::-2], 'abc'[-100:100]
#---- joining what is not a text
try:
    a = ','.join([1])
except TypeError:
    a = 'type'
#---- a missing attribute with a default
class A: pass
a = getattr(A, 'x', None), getattr(A(), 'x', 3), hasattr(A, 'x')
#---- setattr
class A: pass
o = A()
setattr(o, 'x', 1)
setattr(A, 'y', 2)
a = o.x, o.y
del o
#---- zip of different lengths
a = list(zip('abc', [1, 2])), list(zip()), dict(zip(['k'], ['v']))
#---- map over several
a = [x + y for x, y in zip(map(int, '12'), map(int, '34'))]
#---- any and all stop
a = any(x == 2 for x in [1, 2]), all(x for x in ())
#---- chained methods
a = ' A,b ;c '.strip().lower().replace(';', ',').split(',')
#---- the value of an assignment expression in a loop
data = [3, 2, 1]
a = []
while data and (x := data.pop()) < 3:
    a.append(x)
#---- a recursive dictionary walk
def flat(d, prefix=''):
    out = {}
    for k, v in d.items():
        if isinstance(v, dict):
            out.update(flat(v, prefix + k + '.'))
        else:
            out[prefix + k] = v
    return out
a = flat({'a': 1, 'b': {'c': 2, 'd': {'e': 3}}})
#---- static and class methods called on each other
class A:
    n = 1
    @staticmethod
    def s(x): return x + 1
    @classmethod
    def c(cls, x): return cls.s(x) + cls.n
class B(A):
    n = 10
a = A.c(1), B.c(1), B().c(2)
#---- default arguments see their time
n = 1
def f(x=n): return x
n = 2
a = f()
#---- names of a class are not seen in its functions
x = 'module'
class A:
    x = 'class'
    def f(self): return x
a = A().f(), A.x
