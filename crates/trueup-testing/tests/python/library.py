#---- os.path
import os
from os.path import join, dirname
import os.path as osp
a = join('a', 'b'), join('a/', 'b'), join('a', '/b'), join('a', '', 'c'), join('', 'x'), join('a', '..', 'b'), join('a', 'b', '')
b = dirname('/a/b/c.py'), dirname('x'), dirname('/x'), dirname('a//b'), dirname('/a/b/'), dirname('//x')
c = os.path.basename('/a/b.py'), os.path.basename('/a/'), os.path.split('/a/b'), os.path.splitext('x.tar.gz'), os.path.splitext('.bashrc'), os.path.splitext('/a.b/c'), os.path.splitext('a.')
d = os.path.normpath('/a/./b/../c'), os.path.normpath('a//b'), os.path.normpath('..'), os.path.normpath(''), os.path.normpath('/..'), os.path.normpath('a/../..')
e = os.path.abspath('/x/../y'), os.path.isabs('/x'), os.path.isabs('x'), osp.join('q', 'r'), os.sep
f = os.path.basename(dirname(dirname('/p/q/r/s.py')))
del os, osp
#---- pathlib
from pathlib import Path
p = Path('/srv/app/settings/base.py')
a = str(p), p.name, p.stem, p.suffix, str(p.parent), str(p.parent.parent), str(p.parents[1]), p.parts
b = str(p / 'x' / 'y'), str(Path('a') / '/b'), str(Path('a//b/./c')), str(Path('.')), str(Path()), str(Path('a', 'b')), str('q' / Path('r'))
c = str(p.joinpath('a', 'b')), str(p.with_name('z.txt')), str(p.with_suffix('.md')), p.is_absolute(), p.as_posix(), str(p.relative_to('/srv'))
d = Path('/a') == Path('/a/'), Path('x').suffix, Path('x.tar.gz').stem, Path('.env').suffix, Path('a.').suffix, str(Path('/a/../b').resolve()) if False else ''
e = f'{p}', '%s' % p.parent, repr(Path('/x'))
g = str(Path('/')), str(Path('/').parent), Path('/').name, str(Path('a').parent), str(Path('..')/'x')
del p
#---- collections
from collections import OrderedDict
a = OrderedDict([('b', 1), ('a', 2)])['a'], list(OrderedDict(b=1, a=2)), dict(OrderedDict(x=1))
#---- functools
import functools, operator
f = functools.partial(lambda a, b, c=0: (a, b, c), 1, c=5)
a = f(2), f(2, c=9)
b = functools.reduce(lambda x, y: x * y, [1, 2, 3, 4]), functools.reduce(operator.add, [[1], [2]], []), functools.reduce(operator.or_, [1, 2, 4])
@functools.lru_cache(maxsize=None)
def g(x):
    return x + 1
c = g(1)
del functools, operator, f, g
#---- itertools
import itertools
a = list(itertools.chain([1], (2, 3), 'a')), list(itertools.chain.from_iterable([[1], [2]])), list(itertools.product('ab', [1, 2]))
del itertools
#---- textwrap
import textwrap
a = textwrap.dedent('''
    a
      b

    c
''')
b = textwrap.dedent('x\n  y')
del textwrap
#---- string
import string
a = string.ascii_lowercase[:3], string.digits, len(string.punctuation)
del string
#---- copy
import copy
x = {'a': [1, {'b': 2}]}
y = copy.deepcopy(x)
z = copy.copy(x)
x['a'].append(3)
a = x, y, z
del copy
#---- operator
import operator
a = sorted([(2, 'a'), (1, 'b')], key=operator.itemgetter(0)), operator.itemgetter('k')({'k': 5}), operator.add(1, 2)
class P: pass
p = P()
p.q = 7
b = operator.attrgetter('q')(p)
del operator, p
#---- typing
from typing import TYPE_CHECKING, List, Optional, cast
if TYPE_CHECKING:
    import surely_not_there
    a = 'checking'
else:
    a = 'running'
b = cast(List[int], [1])
def f(x: Optional[int] = None) -> 'List[str]':
    return x
c = f()
x: List[int] = []
del List, Optional, cast
#---- sys
import sys
a = sys.version_info >= (3, 6), sys.version_info[0], sys.version_info < (3,), sys.version_info[:1]
b = sys.maxsize
sys.path.insert(0, '/surely/not/there')
c = sys.path[0]
del sys
#---- importlib
import importlib
try:
    importlib.import_module('surely_not_there')
except ImportError:
    a = 'missing'
del importlib
#---- warnings and logging say nothing
import warnings
warnings.warn('x')
print('hello', end='')
a = print
a = 1
del warnings
#---- abstract classes
from abc import ABC, abstractmethod
class A(ABC):
    @abstractmethod
    def f(self): ...
    def g(self):
        return 'g' + self.f()
class B(A):
    def f(self):
        return 'f'
a = B().g()
del ABC, abstractmethod
#---- cached properties
from functools import cached_property
class A:
    n = 0
    @cached_property
    def x(self):
        A.n += 1
        return A.n
one = A()
a = one.x, one.x, A().x
del cached_property, one
#---- __name__ and __file__
import os
a = __name__ == '__main__', os.path.isabs(__file__), os.path.basename(os.path.dirname(__file__)) != ''
del os
