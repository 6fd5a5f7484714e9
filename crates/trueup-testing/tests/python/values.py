#---- whole numbers | unknown: f
a = 7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 2 ** 10, 7 / 2, -3 // -2
b = 1_000_000, 0xff, 0o17, 0b101, 10 ** 20, -5, +5, ~5
c = 6 & 3, 6 | 3, 6 ^ 3, 1 << 10, 1024 >> 3, -8 >> 1
d = abs(-3), divmod(7, 2), divmod(-7, 2), pow(2, 5), min(3, 1, 2), max([3, 1, 2]), sum([1, 2, 3]), sum([], 10)
e = True + 1, int(True), bool(0), bool('x'), int('12'), int(' -7 '), int('ff', 16), int(3.9), int(-3.9)
f = 2 ** -1
g = 0 ** 0, (-2) ** 3
#---- fractions, 1
a = 1.5, 0.1 + 0.2, 1e16, 1e-5, 123456789.123, 1.0, -0.0, 3.0 * 2, 1e22, 5e-324
#---- fractions, 2
b = float('1.5'), float(3), 7.0 / 2, 1.5 - 0.5, float('1e3')
#---- fractions, 3
c = 0.1, 1 / 3, 100.0, 1e15, 12345678901234567.0
#---- fractions, 4
d = (1.5).is_integer(), (2.0).is_integer(), round(2.5), round(3.5), round(1.2)
#---- fractions, 5
e = 1 < 1.5, 2 == 2.0, 1.5 > True
#---- texts, 1
a = 'abc'.upper(), 'ABC'.lower(), 'hello world'.title(), 'hello'.capitalize(), 'aBc'.swapcase()
#---- texts, 2
b = '  x '.strip(), 'xxaxx'.strip('x'), 'xxa'.lstrip('x'), 'axx'.rstrip('x'), '\t\n x'.lstrip()
#---- texts, 3
c = 'a,b,,c'.split(','), ' a  b '.split(), 'a.b.c'.rsplit('.', 1), 'a.b.c'.split('.', 1), ''.split(), ''.split(',')
#---- texts, 4
d = '-'.join(['a', 'b']), ''.join('xyz'), ', '.join(str(n) for n in range(3))
#---- texts, 5
e = 'abcabc'.replace('b', 'X'), 'aaa'.replace('a', 'b', 2), 'abc'.find('c'), 'abc'.find('z'), 'abcabc'.rfind('b'), 'abc'.index('b'), 'banana'.count('an')
#---- texts, 6
f = 'abc'.startswith('ab'), 'abc'.endswith(('x', 'c')), 'abc'.startswith(('x', 'y'))
#---- texts, 7
g = 'a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'abc'.partition('='), 'abc'.rpartition('=')
#---- texts, 8
h = 'x'.center(5), 'xy'.center(5, '*'), 'x'.ljust(3) + '|', 'x'.rjust(3), '42'.zfill(5), '-42'.zfill(5), 'abcd'.center(7), 'abc'.center(6)
#---- texts, 9
i = '12'.isdigit(), 'ab'.isalpha(), 'a1'.isalnum(), ''.isdigit(), 'AB'.isupper(), 'a b'.islower(), ' '.isspace(), 'Ab Cd'.istitle(), 'a_1'.isidentifier()
#---- texts, 10
j = 'prefix_x'.removeprefix('prefix_'), 'x.py'.removesuffix('.py'), 'abc'.encode(), b'abc'.decode('utf-8')
#---- texts, 11
k = 'a\nb\r\nc'.splitlines(), 'x' * 3, 2 * 'ab', 'a' 'b', 'ab' + 'cd'
#---- escapes in texts, 1
a = 'it\'s', "say \"x\"", 'both \' and "', 'tab\t newline\n back\\slash', 'ü€😀', '\x00\x1f\x7f', '\u00a0', r'\n', '\N{BULLET}'
#---- escapes in texts, 2
b = b'bytes\x00\xff', b"it's", b'\\'
#---- indexes and slices
s = 'abcdef'
a = s[0], s[-1], s[1:3], s[:2], s[4:], s[::2], s[::-1], s[-3:-1], s[10:], s[5:1:-2]
l = [0, 1, 2, 3, 4]
b = l[1:], l[:-1], l[::-1], l[1:4:2], l[-2:], l[:], l[100:], l[-100:2]
t = (1, 2, 3)
c = t[1:], t[-1], t[::-1]
d = b'abc'[0], b'abc'[1:], range(5)[2]
#---- lists
a = [3, 1, 2]
a.sort()
b = sorted(['b', 'A', 'c'], key=str.lower, reverse=True)
a.insert(0, 9)
a.insert(-1, 8)
a.insert(100, 7)
c = a.pop(), a.pop(0), a.index(2), a.count(1)
a.extend((5, 6))
a.remove(5)
a.reverse()
d = a.copy()
d.clear()
e = [1, 2] + [3], [0] * 3, 2 in a, len(a)
f = [[]] * 2
f[0].append(1)
g = list('ab') + list(range(2)) + list({'k': 1}) + list((1,))
a[0] = 'first'
h = [1, [2, (3,)], {'a': ()}]
#---- sorting, 1
a = sorted([(2, 'b'), (1, 'z'), (2, 'a')])
#---- sorting, 2
b = sorted('banana', reverse=True)
#---- sorting, 3
c = sorted({'b': 1, 'a': 2})
#---- sorting, 4
d = sorted({'b': 1, 'a': 2}.items(), key=lambda item: item[1])
#---- sorting, 5
e = sorted([3, 1.5, True])
#---- sorting, 6
f = sorted(['aa', 'b', 'c'], key=len, reverse=True)
#---- sorting, 7
g = min('ab', 'c'), max('x', 'yy', key=len), min([], default=5), max([(1, 2), (1, 3)])
#---- dictionaries
a = {'x': 1, 'y': 2}
a['z'] = 3
a['x'] = 9
a.update({'y': 5}, w=6)
a.update([('v', 7)])
b = a.get('x'), a.get('nope'), a.get('nope', 1), a.pop('w'), a.pop('nope', 'd'), a.setdefault('q', 1), a.setdefault('x', 2)
c = list(a), list(a.keys()), list(a.values()), list(a.items()), len(a), 'x' in a
d = dict(a=1, b=2), dict([('k', 'v')]), dict({'m': 1}, n=2), dict(zip('ab', [1, 2])), {**{'a': 1}, 'b': 2}
e = {'a': 1} | {'b': 2}, dict.fromkeys('ab', 0)
f = {1: 'int', 1.0: 'float', True: 'bool'}
g = {(1, 2): 'tuple', None: 'none', 'x': {}}
h = {'a': 1} == {'a': 1.0}, {} == {}, {'a': 1} != {'b': 1}
i = a.copy()
i.clear()
del a['z']
j = [k for k in a if k != 'x']
k = {'a': 1, 'b': 2}.popitem()
#---- dictionaries keep the order
a = {'b': 1, 'a': 2}
del a['b']
a['b'] = 3
b = list(a)
c = {str(i): i for i in range(40)}
for i in range(35):
    del c[str(i)]
d = c
del i
#---- sets
a = sorted({3, 1, 2, 1})
b = len({1, 1.0, True}), 2 in {1, 2}, {1} == {1}, set() == set(), {1, 2} >= {1}, {1} < {1, 2}
s = {1, 2}
s.add(3)
s.discard(1)
s.discard(99)
c = sorted(s), sorted(s | {9}), sorted(s & {2}), sorted(s - {2}), sorted(s ^ {2, 7})
d = sorted(s.union([5], (6,))), sorted(s.intersection([2])), s.issubset({1, 2, 3}), s.isdisjoint({8})
e = set(), frozenset(), {5}, frozenset([7]), {'x'}
f = sorted(set('hello')), any({0, 1}), all({1, 2}), min({4, 2}), sum({1, 2})
g = {frozenset([1, 2]): 'f'}[frozenset([2, 1])]
s = sorted(s)
#---- tuples, 1
a = (), (1,), (1, 2), 1, tuple('ab'), (1, 2) + (3,), (0,) * 2
#---- tuples, 2
b = (1, 2).index(2), (1, 1).count(1), (1, 2) < (1, 3), (1, 2) < (1, 2, 0), () < (1,)
#---- None and truth, 1
a = None, None == None, None is None, not None, bool([]), bool([0]), bool({}), bool(()), bool(0.0), bool(b''), bool(range(0)), bool(range(1))
#---- None and truth, 2
b = not 1, not '', [1] and 'x', '' or [] or 'last'
#---- ranges, 1
a = list(range(3)), list(range(2, 8, 3)), list(range(5, 0, -2)), len(range(0, 10, 3)), 4 in range(5), 5 in range(5), 3 in range(0, 10, 2)
#---- ranges, 2
b = range(3), range(1, 3), range(1, 9, 2), range(0) == range(1, 1), len(range(10, 0, -3)), sum(range(101))
#---- built-in functions
a = list(enumerate('ab')), list(enumerate('ab', 1)), list(zip([1, 2], 'ab', (True, False))), list(map(str, [1, 2])), list(filter(None, [0, 1, '', 'x']))
b = list(map(lambda x, y: x + y, [1, 2], [10, 20])), list(filter(lambda x: x > 1, [1, 2, 3])), list(reversed([1, 2, 3])), ''.join(reversed('abc'))
c = all([]), any([]), all([1, 'x']), any([0, None]), all(x > 0 for x in [1, -1])
d = chr(65), ord('a'), hex(255), oct(8), bin(5), hex(-255), repr('x'), str(1.5), str(None), str([1, 'a']), str(True), ascii
e = isinstance(1, int), isinstance(True, int), isinstance('x', (int, str)), isinstance([], list), isinstance({}, dict), isinstance(None, int), isinstance(1.0, int)
f = callable(len), callable(1), callable(lambda: 0), type(1) is int, type('x') == str, type(1).__name__
g = list(iter([1, 2])), next(iter([5])), next(iter([]), 'none')
it = iter([1, 2, 3])
h = next(it), list(it), list(it)
d = d[:-1]
del it
#---- f-strings
x, y, name = 3, 2.5, 'n'
a = f'{x}', f'{x:>4}|', f'{x:04d}', f'{y:.2f}', f'{name!r}', f'{name:<5}|', f'{x + 1}', f'{{}}', f'{name=}', f'{x = }', f'{y:8.1f}', f'{x:+d}'
b = f'{1000000:,}', f'{0.256:.1%}', f'{255:x}', f'{255:X}', f'{5:b}', f'{8:o}', f'{name:^7}', f'{name:*^7}', f'{x:{y}}' if False else f'{x:>{x}}'
c = f'a{name}b' 'c' f'{x}', f'{"nested"}', f'{[1, 2]}', f'{None}', f'{True}', f'''{x
}'''
d = f'{"x" if x else "y"}', f'{ {"k": 1}["k"] }', f'{name:.1}', f'{-5:05d}', f'{12345.678:,.2f}'
#---- percent, 1
a = '%s' % 1, '%s %s' % ('a', 2), '%d' % 3.7, '%05d' % 42, '%.2f' % 3.14159, '%5s|' % 'ab', '%-5s|' % 'ab', '%r' % 'x', '%%', '100%% %s' % 'x'
#---- percent, 2
b = '%(a)s-%(b)03d' % {'a': 1, 'b': 2}, '%x' % 255, '%s' % [1], '%s' % (None,), '%+d' % 5, '%i' % 3, '%f' % 1.5, '%c' % 'x', '%.3s' % 'abcdef'
#---- format, 1
a = '{} {}'.format(1, 'b'), '{1} {0}'.format('a', 'b'), '{x} {y[0]} {z.real}'.format(x=1, y=[2], z='z') if False else '{x} {y[0]}'.format(x=1, y=[2])
#---- format, 2
b = '{:>5}|{:<5}|{:^5}'.format('a', 'b', 'c'), '{:05d}'.format(42), '{:.2f}'.format(1.005), '{{}}'.format(), '{!r}'.format('x'), '{:{w}}|'.format('a', w=4), '{0[k]}'.format({'k': 'v'})
#---- format, 3
c = format(3.14159, '.2f'), format('x'), format(42, '06d')
#---- equality, 1
a = [1, 2] == [1, 2], [1] == (1,), 'a' == b'a', 1 == '1', [1, [2]] == [1, [2]], (1, 2) == (1, 2), 0 == False, None == 0, [] == {}
#---- equality, 2
b = 'a' < 'b', 'Z' < 'a', [1, 2] < [1, 3], [] < [0], 'abc' > 'abd', (2,) >= (1, 9)
#---- repr, 1
a = repr("it's"), repr('"'), repr('\n'), repr([None, True, 1.0]), repr({'a': (1,)}), repr(b'x'), repr('ä\x85')
