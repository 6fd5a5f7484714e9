#---- a base folder
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
a = (BASE_DIR / 'db.sqlite3').name, str(BASE_DIR / 'x').endswith('/x')
#---- lists that are put together
BASE = ['a', 'b']
INSTALLED = BASE + ['c']
INSTALLED += ['d'] if True else []
INSTALLED[1:1] = [] if False else INSTALLED[1:1]
THIRD = (
    'x',
    'y',
)
ALL = tuple(INSTALLED) + THIRD
del INSTALLED[0]
#---- conditions on the environment | unknown: none
import os
DEBUG = os.environ.get('SURELY_NOT_DEBUG', '0') == '1'
if DEBUG:
    APPS = ['debug']
else:
    APPS = ['release']
HOSTS = os.environ.get('SURELY_NOT_HOSTS', 'a,b').split(',')
PORT = int(os.environ.get('SURELY_NOT_PORT', 5432))
FLAG = os.environ.get('SURELY_NOT_FLAG', 'False').lower() in ('true', '1', 'yes')
#---- a settings dictionary that is changed later
DATABASES = {'default': {'ENGINE': 'x', 'OPTIONS': {}}}
DATABASES['default']['OPTIONS']['a'] = 1
DATABASES['default'].update(NAME='n', PORT=1)
DATABASES['other'] = dict(DATABASES['default'], NAME='m')
for name, config in DATABASES.items():
    config['TEST'] = {'NAME': 'test_' + config['NAME']}
#---- a helper for the environment
import os
def env(name, default=None, cast=str):
    value = os.environ.get(name)
    if value is None:
        return default
    return cast(value)
os.environ['SURELY_SET'] = '5'
a = env('SURELY_SET', cast=int), env('SURELY_NOT', 'd')
#---- operations that are made in a loop
class Operation:
    def __init__(self, name, **options):
        self.name, self.options = name, options
operations = [Operation('first')]
for table in ('a', 'b'):
    for column in ['x', 'y']:
        operations.append(Operation(f'{table}_{column}', null=column == 'x'))
operations += [Operation('last')]
a = [(operation.name, operation.options) for operation in operations]
del operations, table, column
#---- a migration that inherits
class First:
    dependencies = [('a', '1')]
    operations = ['x']
class Second(First):
    operations = First.operations + ['y']
    replaces = []
a = Second.dependencies, Second.operations, First.operations
#---- a tuple of choices
A, B = 'a', 'b'
CHOICES = ((A, 'First'), (B, 'Second'))
LABELS = dict(CHOICES)
a = LABELS[A], [key for key, _ in CHOICES], max(len(key) for key, _ in CHOICES)
#---- constants of a class
class Status:
    NEW = 'new'
    OLD = 'old'
    ALL = (NEW, OLD)
    CHOICES = [(value, value.title()) for value in ALL] if False else [(NEW, NEW.title())]
a = Status.ALL, Status.CHOICES
#---- keyword arguments that are filled in
class Base:
    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs
class Field(Base):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault('max_length', 10)
        kwargs['null'] = True
        blank = kwargs.pop('blank', False)
        super().__init__(*args, **kwargs)
        self.blank = blank
f = Field('x', blank=True, unique=True)
a = f.args, f.kwargs, f.blank
del f
#---- statements of text
TABLES = ['a', 'b']
SQL = ';\n'.join('DROP TABLE %s' % table for table in TABLES)
MORE = """
CREATE TABLE {name} (
    id integer
)
""".format(name='t').strip()
QUOTED = ', '.join(f'"{t}"' for t in TABLES)
#---- try with a fallback
try:
    import surely_no_such_module as extra
except ImportError:
    extra = None
HAS_EXTRA = extra is not None
APPS = ['a'] + (['extra'] if HAS_EXTRA else [])
#---- functions that change what they are given
def add(target, *names, first=False):
    for name in names:
        if name not in target:
            target.insert(0, name) if first else target.append(name)
    return target
APPS = ['a']
a = add(APPS, 'b', 'a', first=True) is APPS
#---- comparing versions
VERSION = (4, 2, 1, 'final', 0)
a = VERSION >= (4, 1), VERSION[:2] == (4, 2), VERSION < (5,), '.'.join(str(n) for n in VERSION[:3])
#---- a mixin
class Mixin:
    extra = []
    def names(self):
        return ['mixin'] + super().names()
class Plain:
    def names(self):
        return ['plain']
class Both(Mixin, Plain):
    pass
a = Both().names(), [c.__name__ for c in Both.__mro__[:3]]
#---- nested functions see their surroundings
def outer(prefix):
    names = []
    def inner(name):
        names.append(prefix + name)
        return len(names)
    return [inner(n) for n in 'ab'], names
a = outer('x-')
#---- conditions within expressions
x = None
a = (x or {}).get('k', 'd'), x and x.y, [] if x is None else [x], not x
#---- star arguments
def f(*args, **kwargs):
    return args, sorted(kwargs.items())
rest = {'b': 2}
a = f(*[1], *(2, 3), a=1, **rest), f(**{**rest, 'b': 3})
#---- string building over lines
TEXT = ('a'
        "b"
        f'{1 + 1}'
        r'\d')
LONG = 'x' \
    'y'
#---- deleting while copying
source = {'a': 1, 'b': None, 'c': 3}
for key in list(source):
    if source[key] is None:
        del source[key]
#---- sorting by several things
people = [('b', 2), ('a', 2), ('c', 1)]
a = sorted(people, key=lambda p: (-p[1], p[0]))
people.sort(key=lambda p: p[0], reverse=True)
