"""What a template may be made of and what not, a row each: the known ways out of a template sandbox, the known ways to eat a machine."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import pytest
from jinja2 import TemplateError as JinjaError

from templates.errors import BadTemplate, RenderError
from templates.sandbox import ENVIRONMENT, Renderer
from templates.values import plain

VALUES: Mapping[str, object] = {
    "name": "小明",
    "empty": "",
    "nothing": None,
    "yes": True,
    "count": 3,
    "rate": 4.5,
    "fen": 1250,
    "coupon": {"title": "拿铁券", "items": 2, "stores": ["静安店", "徐汇店"], "code": "A1"},
    "stores": [{"name": "静安店", "open": True, "metres": 320}, {"name": "徐汇店", "open": False, "metres": 1240}],
    "days": ["2026-01-02", "2026-01-05"],
    "day": date(2026, 1, 2),
    "moment": datetime(2026, 1, 2, 8, 5, tzinfo=UTC),
    "opens": time(9, 0),
}

ALLOWED = [
    ("你好", "你好"),
    ("{{ name }}，您好", "小明，您好"),
    ("{{ coupon.title }}", "拿铁券"),
    ("{{ coupon['title'] }}", "拿铁券"),
    ("{{ coupon.items }}", "2"),
    ("{{ stores[0].name }}", "静安店"),
    ("{{ stores[-1].name }}", "徐汇店"),
    ("{{ coupon.stores.1 }}", "徐汇店"),
    ("{% if count %}有{% endif %}", "有"),
    ("{% if count > 5 %}多{% elif count > 2 %}中{% else %}少{% endif %}", "中"),
    ("{% if count == 3 and not empty or nothing %}对{% endif %}", "对"),
    ("{% if 1 < count <= 3 %}对{% endif %}", "对"),
    ("{% if name in ['小明', '小红'] %}对{% endif %}", "对"),
    ("{% if '明' in name %}对{% endif %}", "对"),
    ("{% if count not in (1, 2) %}对{% endif %}", "对"),
    ("{{ '有' if yes else '没有' }}", "有"),
    (
        "{% for s in stores %}{{ loop.index }}.{{ s.name }}{{ '' if loop.last else '、' }}{% endfor %}",
        "1.静安店、2.徐汇店",
    ),
    (
        "{% for s in stores %}{{ loop.index0 }}/{{ loop.length }}{% if loop.first %}，{% endif %}{% endfor %}",
        "0/2，1/2",
    ),
    ("{% for s in stores if s.open %}{{ s.name }}{% endfor %}", "静安店"),
    ("{% for s in stores[1:] %}{{ s.name }}{% endfor %}", "徐汇店"),
    (
        "{% for s in stores %}{% for t in coupon.stores %}{{ s.name[0] }}{{ t[0] }} {% endfor %}{% endfor %}",
        "静静 静徐 徐静 徐徐",
    ),
    ("{% for s in stores[:0] %}x{% else %}没有{% endfor %}", "没有"),
    ("{{ 7 - count }} {{ count + 1 }} {{ -1 }}", "4 4 -1"),
    ("{{ rate }} {{ rate - 0.5 }}", "4.5 4"),
    ("{{ missing|default('顾客') }}{{ empty|default('空') }}{{ nothing|default('无') }}", "顾客空无"),
    ("{{ coupon.missing|default(name) }}", "小明"),
    ("{{ coupon.stores|join }} {{ coupon.stores|join(' / ') }}", "静安店、徐汇店 静安店 / 徐汇店"),
    ("{{ name|length }} {{ stores|length }} {{ coupon|length }}", "2 2 4"),
    ("{{ coupon.code|lower }} {{ 'a'|upper }} [{{ ' a '|trim }}]", "a1 A [a]"),
    ("{{ '一二三四五'|truncate(3) }} {{ '一二三'|truncate(3) }}", "一二… 一二三"),
    ("{{ rate|round }} {{ 3.14159|round(2) }} {{ rate|int }} {{ '-12'|int }}", "4 3.14 4 -12"),
    (
        "{{ coupon.stores|first }} {{ coupon.stores|last }} {{ name|first }} {{ (stores|first).name }}",
        "静安店 徐汇店 小 静安店",
    ),
    ("{{ day }} {{ moment }} {{ opens }}", "2026年1月2日 2026年1月2日 08:05 09:00"),
    ("{{ day|date }} {{ moment|date('short') }} {{ '2026-03-04'|date }}", "2026年1月2日 1月2日 2026年3月4日"),
    (
        "{{ moment|time }} {{ opens|time }} {{ '21:30'|time }} {{ '2026-03-04T07:08:00'|time }}",
        "08:05 09:00 21:30 07:08",
    ),
    ("{{ day|weekday }} {{ '2026-01-04'|weekday }}", "周五 周日"),
    ("{% for d in days %}{{ d|date('short') }} {% endfor %}", "1月2日 1月5日"),
    ("{{ fen|money }} {{ 5|money }} {{ 120000|money }} {{ -50|money }}", "¥12.50 ¥0.05 ¥1,200.00 -¥0.50"),
    ("{{ fen|yuan }} {{ 1200|yuan }} {{ 1205|yuan }} {{ -50|yuan }}", "12.5 12 12.05 -0.5"),
    ("{{ 1234567|points }}", "1,234,567"),
    ("{{ stores[0].metres|distance }} {{ stores[1].metres|distance }} {{ 2000|distance }}", "320米 1.2公里 2公里"),
    ("{{ '咖啡 & 茶'|urlencode }}", "%E5%92%96%E5%95%A1%20%26%20%E8%8C%B6"),
    ("{% if missing is defined %}有{% else %}无{% endif %}{% if missing.deeper is undefined %}无{% endif %}", "无无"),
    (
        "{% if nothing is none %}空{% endif %}{% if count is odd %}单{% endif %}{% if 4 is even %}双{% endif %}",
        "空单双",
    ),
    ("{% raw %}{{ name }}{% endraw %}{# 备注 #}", "{{ name }}"),
    ("  \n{% if yes %}\n一\n{% endif %}\n二\n", "一\n二"),
]

REFUSED = [
    # out of the sandbox
    ("{{ name.__class__ }}", "bad-variable"),
    ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "not-allowed"),
    ("{{ name['__class__'] }}", "not-allowed"),
    ("{{ name['_private'] }}", "not-allowed"),
    ("{{ name[name] }}", "not-allowed"),
    ("{{ coupon['__cla' 'ss__'] }}", "not-allowed"),
    ("{{ coupon['\\x5f\\x5fclass\\x5f\\x5f'] }}", "not-allowed"),
    ("{{ name|attr('__class__') }}", "filter-not-allowed"),
    ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "not-allowed"),
    ("{{ lipsum.__globals__ }}", "bad-variable"),
    ("{{ joiner() }}", "not-allowed"),
    ("{{ self.__init__ }}", "bad-variable"),
    ("{{ self }}", "bad-variable"),
    ("{{ caller() }}", "not-allowed"),
    ("{{ _('x') }}", "not-allowed"),
    ("{{ __import__ }}", "bad-variable"),
    ("{{ config.items() }}", "not-allowed"),
    ("{{ url_for.__globals__ }}", "bad-variable"),
    ("{{ '{0.__class__.__init__.__globals__}'.format(name) }}", "not-allowed"),  # CVE-2016-10745
    ("{{ '{a.__class__}'.format_map({'a': name}) }}", "not-allowed"),  # CVE-2019-10906
    ("{% set f = '{0.__class__}'.format %}{{ f(name) }}", "not-allowed"),  # CVE-2024-56326
    ("{{ ['{0.__class__}']|map('format', name)|join }}", "filter-not-allowed"),  # CVE-2024-56326
    ("{{ ('{0.__class__}'|attr('format'))(name) }}", "not-allowed"),  # CVE-2025-27516
    ("{{ '{0.__class__}'|attr('format') }}", "filter-not-allowed"),  # CVE-2025-27516
    ("{{ name|no_such' + os.system('id') + ' }}", "syntax"),  # CVE-2024-56201
    ("{{ stores|map(attribute='__class__')|list }}", "filter-not-allowed"),
    ("{{ stores|selectattr('name') }}", "filter-not-allowed"),
    ("{{ stores|sort(attribute='__class__') }}", "filter-not-allowed"),
    ("{{ stores|groupby('__class__') }}", "filter-not-allowed"),
    ("{{ name|xmlattr }}", "filter-not-allowed"),
    ("{{ name|tojson }}", "filter-not-allowed"),
    ("{{ name|pprint }}", "filter-not-allowed"),
    ("{{ name|each item }}", "syntax"),
    ("{% include '../../etc/passwd' %}", "not-allowed"),
    ("{% include name %}", "not-allowed"),
    ("{% import 'os' as os %}", "not-allowed"),
    ("{% from 'os' import system %}", "not-allowed"),
    ("{% extends '/etc/passwd' %}", "not-allowed"),
    ("{% block x %}{% endblock %}", "not-allowed"),
    ("{% macro m() %}{% endmacro %}", "not-allowed"),
    ("{% call m() %}{% endcall %}", "not-allowed"),
    ("{% set x = 1 %}", "not-allowed"),
    ("{% set x %}a{% endset %}", "not-allowed"),
    ("{% set ns.x = 1 %}", "not-allowed"),
    ("{% with x = 1 %}{% endwith %}", "not-allowed"),
    ("{% filter upper %}x{% endfilter %}", "not-allowed"),
    ("{% autoescape true %}{% endautoescape %}", "not-allowed"),
    ("{% do x %}", "syntax"),
    ("{% trans %}x{% endtrans %}", "syntax"),
    ("{{ {'a': 1} }}", "not-allowed"),
    ("{{ [name] }}", "not-allowed"),
    ("{{ stores[::2] }}", "not-allowed"),
    ("{{ 变量 }}", "bad-variable"),
    # eating the machine
    ("{{ 'a' * 1000000000 }}", "not-allowed"),
    ("{{ 10 ** 1000000000 }}", "not-allowed"),
    ("{{ count / 3 }}", "not-allowed"),
    ("{{ count // 3 }}", "not-allowed"),
    ("{{ '%1000000000d' % count }}", "not-allowed"),
    ("{{ name ~ name }}", "not-allowed"),
    ("{{ -count }}", "not-allowed"),
    ("{{ 9999999999999999 }}", "not-allowed"),
    ("{{ 1e999 }}", "not-allowed"),
    ("{{ name|center(1000000000) }}", "filter-not-allowed"),
    ("{{ name|indent(1000000000) }}", "filter-not-allowed"),
    ("{{ '%s'|format(name) }}", "filter-not-allowed"),
    ("{{ name|replace('', name) }}", "filter-not-allowed"),
    ("{{ name|wordwrap(1) }}", "filter-not-allowed"),
    ("{{ name|truncate(1000000000) }}", "filter-arguments"),
    ("{{ name|truncate(count) }}", "filter-arguments"),
    ("{{ name|truncate }}", "filter-arguments"),
    ("{{ stores|join(name) }}", "filter-arguments"),
    ("{{ stores|join('" + "x" * 21 + "') }}", "filter-arguments"),
    ("{{ stores|join(', ', attribute='name') }}", "filter-arguments"),
    ("{{ name|date(*stores) }}", "filter-arguments"),
    ("{{ name|date(**coupon) }}", "filter-arguments"),
    ("{{ day|date('%Y' ) }}", "filter-arguments"),
    ("{{ rate|round(400) }}", "filter-arguments"),
    ("{{ name|upper(1) }}", "filter-arguments"),
    ("{% for i in range(1000000000) %}{% endfor %}", "loop-over"),
    ("{% for i in [1, 2] %}{% endfor %}", "loop-over"),
    ("{% for k, v in stores %}{% endfor %}", "not-allowed"),
    ("{% for s in stores recursive %}x{% endfor %}", "not-allowed"),
    (
        "{% for a in stores %}{% for b in stores %}{% for c in stores %}{% endfor %}{% endfor %}{% endfor %}",
        "loops-too-deep",
    ),
    ("{% for self in stores %}{% endfor %}", "bad-variable"),
    ("{% for loop in stores %}{% endfor %}", "bad-variable"),
    ("{% if name is mapping %}{% endif %}", "test-not-allowed"),
    ("{% if count is divisibleby(0) %}{% endif %}", "test-not-allowed"),
    ("{{ name if yes }}", "inline-if"),
    ("{{" + "(" * 3000 + "1" + ")" * 3000 + "}}", "too-deep"),
    ("{{ " + "not " * 3000 + "yes }}", "too-deep"),
    ("{{ coupon" + ".items" * 2000 + " }}", "too-deep"),
    ("{% if yes %}" * 60 + "x" + "{% endif %}" * 60, "too-deep"),
    ("{{ " + "1" * 5000 + " }}", "syntax"),
    ("x" * 16_385, "too-big"),
    ("{{ '\\ud800' }}", "bad-text"),
    ("{{ name", "syntax"),
    ("{% if yes %}", "syntax"),
]


@pytest.mark.parametrize(("source", "expected"), ALLOWED)
def test_an_allowed_construct_says_what_it_should(source: str, expected: str) -> None:
    assert Renderer(source)(plain(VALUES)) == expected


@pytest.mark.parametrize(("source", "code"), REFUSED)
def test_a_forbidden_construct_is_refused_when_it_is_saved(source: str, code: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        Renderer(source)
    assert refused.value.code == code
    assert refused.value.english
    assert refused.value.chinese


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.upper() }}",
        "{{ name.__class__ }}",
        "{{ name['format'] }}",
        "{{ coupon.keys() }}",
        "{{ stores.append }}",
        "{{ range(3) }}",
        "{{ cycler }}",
        "{{ dict() }}",
        "{{ name|attr('upper') }}",
        "{{ 'a' + 'b' }}",
        "{% for s in stores %}{{ loop.cycle }}{% endfor %}",
        "{% for s in stores %}{{ loop.__init__ }}{% endfor %}",
        "{{ self.__init__.__globals__ }}",
    ],
)
def test_the_environment_alone_holds_even_without_the_check_at_save(source: str) -> None:
    with pytest.raises((JinjaError, RenderError)):
        ENVIRONMENT.from_string(source).render(plain(VALUES))


@pytest.mark.parametrize(
    "name", ["range", "dict", "lipsum", "cycler", "joiner", "namespace", "config", "request", "session", "g", "url_for"]
)
def test_nothing_is_there_but_what_is_passed(name: str) -> None:
    assert Renderer(f"{{{{ '有' if {name} is defined else '无' }}}}")({}) == "无"


def test_nothing_can_be_called_even_if_it_were_there() -> None:
    with pytest.raises(JinjaError):
        ENVIRONMENT.from_string("{{ callable() }}").render(callable=lambda: "called")


def test_the_line_of_a_forbidden_construct_is_told() -> None:
    with pytest.raises(BadTemplate) as refused:
        Renderer("一\n二\n{% if name %}\n{{ name.upper() }}\n{% endif %}", first_line=5)
    assert refused.value.line == 8


def test_the_variables_read_are_told_with_the_line_of_their_first_use() -> None:
    renderer = Renderer(
        "{{ name }}\n{% for s in stores %}{{ s.name }}{{ loop.index }}{{ count }}{% endfor %}\n{{ name }}{{ s }}"
    )
    assert renderer.variables == {"name": 1, "stores": 2, "count": 2, "s": 3}
