// Lists, macros, exceptions, append and override: what several items and files add up to.
#include "match/term.h"
#include "rule/falco_asking.h"

using namespace yagura;
using namespace yagura::test;

namespace {

using Lines = std::vector<std::string>;

std::string named(std::string_view name, std::string_view condition, std::string_view more = "") {
    std::string out = falco_rule(condition, more);
    return out.replace(out.find("rule: R"), 7, "rule: " + std::string(name));
}

Lines asked(const Lines& texts, std::string_view record) {
    FalcoBench bench(falco_rules(texts));
    return bench.ask(record);
}

std::string record_of(std::string_view name, std::string_view region = "eu-west-1") {
    return R"({"eventTime":"2024-07-31T23:29:16Z","eventName":")" + std::string(name) +
           R"(","awsRegion":")" + std::string(region) + R"("})";
}

}  // namespace

TEST_CASE("lists hold lists and macros hold macros") {
    const std::string text =
        "- list: inner\n  items: [b, 'c d', 3]\n"
        "- list: outer\n  items: [a, inner]\n"
        "- macro: deep\n  condition: ct.name in (outer, z)\n"
        "- macro: shallow\n  condition: (deep and not ct.region = x)\n" +
        falco_rule("shallow or ct.name in inner");
    for (const std::string_view name : {"a", "b", "c d", "3", "z"})
        CHECK(asked({text}, record_of(name)) == Lines{"R"});
    CHECK(asked({text}, record_of("inner")).empty());
    CHECK(asked({text}, record_of("a", "x")).empty());
    CHECK(asked({text}, record_of("b", "x")) == Lines{"R"});
}

TEST_CASE("a quoted word is never the name of a list") {
    const std::string text = "- list: names\n  items: [a]\n" + falco_rule("ct.name in ('names')");
    CHECK(asked({text}, record_of("a")).empty());
    CHECK(asked({text}, record_of("names")) == Lines{"R"});
}

TEST_CASE("a macro or list that contains itself is a mistake") {
    const Lines macros = falco_errors(
        {"- macro: a\n  condition: b\n- macro: b\n  condition: a\n" + falco_rule("a")});
    REQUIRE(macros.size() == 1);
    CHECK(macros[0].find("contains itself") != std::string::npos);
    const Lines lists = falco_errors({"- list: a\n  items: [b]\n- list: b\n  items: [a]\n"});
    REQUIRE(lists.size() == 1);
    CHECK(lists[0].starts_with("4:11: "));
}

TEST_CASE("macros that grow without bound are refused") {
    std::string text = "- macro: m0\n  condition: ct.name = x\n";
    for (int i = 1; i < 25; ++i) {
        const std::string before = "m" + std::to_string(i - 1);
        text += "- macro: m" + std::to_string(i) + "\n  condition: (" + before + " or " + before +
                ")\n";
    }
    const Lines errors = falco_errors({text + falco_rule("m24")});
    REQUIRE_FALSE(errors.empty());
    CHECK(errors[0].find("too large") != std::string::npos);
}

TEST_CASE("exceptions except") {
    const std::string text = falco_rule("ct.name exists",
                                        "  exceptions:\n"
                                        "    - name: pairs\n"
                                        "      fields: [ct.name, ct.region]\n"
                                        "      comps: [startswith, in]\n"
                                        "      values:\n"
                                        "        - [Put, [r1, r2]]\n"
                                        "        - [Get, '(r3)']\n"
                                        "    - name: single\n"
                                        "      fields: ct.name\n"
                                        "      values: [Noise, Hum]\n"
                                        "    - name: linked\n"
                                        "      fields: ct.name\n"
                                        "      comps: endswith anyof\n"
                                        "      values: [Bar, Baz]\n"
                                        "    - name: empty\n"
                                        "      fields: [ct.id]\n");
    CHECK(asked({text}, record_of("PutObject", "r2")).empty());
    CHECK(asked({text}, record_of("PutObject", "r3")) == Lines{"R"});
    CHECK(asked({text}, record_of("GetObject", "r3")).empty());
    CHECK(asked({text}, record_of("Hum")).empty());
    CHECK(asked({text}, record_of("FooBaz")).empty());
    CHECK(asked({text}, record_of("FooBazz")) == Lines{"R"});
}

TEST_CASE("appended exceptions add values, or are new") {
    const std::string base =
        falco_rule("ct.name exists", "  exceptions:\n    - name: e\n      fields: [ct.name]\n");
    const std::string more =
        "- rule: R\n  append: true\n  exceptions:\n    - name: e\n      values: [[a], [b]]\n"
        "    - name: f\n      fields: ct.region\n      values: [far]\n";
    CHECK(asked({base, more}, record_of("a")).empty());
    CHECK(asked({base, more}, record_of("c", "far")).empty());
    CHECK(asked({base, more}, record_of("c")) == Lines{"R"});
    const auto errors = [&](std::string_view exception) {
        return falco_errors(
            {base,
             "- rule: R\n  append: true\n  exceptions:\n    - " + std::string(exception) + "\n"});
    };
    CHECK(errors("{name: e, fields: [ct.id], values: [[x]]}").size() == 1);
    CHECK(errors("{name: g, values: [[x]]}").size() == 1);
    CHECK(errors("{name: e, values: [[x, y]]}").size() == 1);
    CHECK(errors("{name: h, fields: [ct.id, ct.name], comps: [=]}").size() == 1);
    CHECK(errors("{name: h, fields: ct.id, comps: contains, values: [x]}").size() == 1);
    CHECK(errors("{name: h, fields: [ct.id], comps: [nonsense], values: [[x]]}").size() == 1);
    CHECK(errors("{name: h, fields: [ct.nam], values: [[x]]}").size() == 1);
}

TEST_CASE("append joins texts, so that precedence is that of the whole") {
    const std::string base = falco_rule("ct.name = a or ct.name = b");
    const std::string more = "- rule: R\n  append: true\n  condition: and ct.region = x\n";
    CHECK(asked({base, more}, record_of("a", "y")) == Lines{"R"});
    CHECK(asked({base, more}, record_of("b", "y")).empty());
    const std::string items =
        "- list: l\n  items: [a]\n- list: l\n  append: true\n  items: [b]\n"
        "- macro: m\n  condition: ct.name in (l)\n"
        "- macro: m\n  append: true\n  condition: or ct.name = c\n";
    for (const std::string_view name : {"a", "b", "c"})
        CHECK(asked({items + falco_rule("m")}, record_of(name)) == Lines{"R"});
}

TEST_CASE("override appends or replaces what it names") {
    const std::string base = falco_rule("ct.name = a", "  tags: [t1]\n");
    const std::string more =
        "- rule: R\n  condition: or ct.name = b\n  priority: ALERT\n  tags: [t2]\n  output: new\n"
        "  override: {condition: append, priority: replace, tags: append, output: replace}\n";
    const auto rules = falco_rules({base, more});
    REQUIRE(rules.size() == 1);
    CHECK(rules[0].info.level == match::Level::critical);
    CHECK(rules[0].info.priority == "Alert");
    CHECK(rules[0].info.tags == Lines{"t1", "t2"});
    CHECK(rules[0].info.output == "new");
    CHECK(asked({base, more}, record_of("b")) == Lines{"R"});
    const std::string list =
        "- list: l\n  items: [a]\n- list: l\n  items: [b]\n  override: {items: replace}\n";
    CHECK(asked({list + falco_rule("ct.name in (l)")}, record_of("a")).empty());
}

TEST_CASE("a later definition of a name takes its place") {
    CHECK(asked({falco_rule("ct.name = a"), falco_rule("ct.name = b")}, record_of("a")).empty());
    CHECK(asked({falco_rule("ct.name = a"), falco_rule("ct.name = b")}, record_of("b")) ==
          Lines{"R"});
    const std::string off = "- rule: R\n  enabled: false\n";
    CHECK(falco_rules({falco_rule("ct.name = a"), off}).empty());
    CHECK(falco_rules(
              {falco_rule("ct.name = a", "  enabled: false\n"), "- rule: R\n  enabled: true\n"})
              .size() == 1);
}

TEST_CASE("mistakes in items are told with what is near") {
    const auto one = [](const std::string& text) {
        const Lines errors = falco_errors({text});
        CHECK(errors.size() == 1);
        return errors.empty() ? std::string() : errors[0];
    };
    CHECK(one("rule: R\n").find("list") != std::string::npos);
    CHECK(one("- ruel: R\n").find("did you mean 'rule'?") != std::string::npos);
    CHECK(one("- list: l\n").starts_with("1:3: "));
    CHECK(one("- list: l\n  items: x\n").starts_with("2:10: "));
    CHECK(one("- macro: m-1\n  condition: ct.id exists\n").starts_with("1:10: "));
    CHECK(one("- macro: m\n  append: true\n  condition: x\n").find("defined before") !=
          std::string::npos);
    CHECK(one("- rule: R\n  append: true\n  condition: x\n").find("defined before") !=
          std::string::npos);
    const std::string base = falco_rule("ct.id exists");
    CHECK(one(base + "- rule: R\n  append: true\n  override: {tags: append}\n  tags: [a]\n")
              .find("together") != std::string::npos);
    CHECK(
        one(base + "- rule: R\n  tags: [a]\n  override: {tags: add}\n").find("append or replace") !=
        std::string::npos);
    CHECK(one(base + "- rule: R\n  priority: INFO\n  override: {priority: append}\n")
              .starts_with("9:14: "));
    CHECK(one(base + "- rule: R\n  override: {tags: append}\n").starts_with("8:14: "));
    CHECK(one(base + "- rule: R\n  tags: [a]\n  desc: d\n  override: {tags: append}\n")
              .starts_with("9:3: "));
    CHECK(one(falco_rule("ct.id exists", "  enabled: maybe\n")).starts_with("7:12: "));
    std::string odd = base;
    odd.replace(odd.find("WARNING"), 7, "WARNIGN");
    CHECK(one(odd).find("did you mean 'Warning'?") != std::string::npos);
    odd = base;
    odd.replace(odd.find("output: o"), 9, "output: '%ct.nme x'");
    CHECK(one(odd).starts_with("4:13: unknown field 'ct.nme'"));
    CHECK(falco_errors({"- rule: R\n  desc: d\n"}).size() == 3);
    CHECK(falco_errors({falco_rule("ct.id exists", "  prioritty: x\n")}, Grade::warning).size() ==
          1);
}

TEST_CASE("required versions are compared with what is understood") {
    CHECK(falco_errors({"- required_engine_version: 10\n"}).empty());
    CHECK(falco_errors({"- required_engine_version: 0.31.0\n"}).empty());
    CHECK(falco_errors({"- required_engine_version: newest\n"}).size() == 1);
    const std::string newer = "- required_engine_version: 99\n" + falco_rule("ct.id exists");
    CHECK(falco_errors({newer}).size() == 1);
    const std::string plugins = "- required_plugin_versions:\n  - name: cloudtrail\n    version: ";
    CHECK(falco_errors({plugins + "0.10.0\n"}).empty());
    CHECK(falco_errors({plugins + "many\n"}).size() == 1);
    CHECK(falco_errors({plugins + "9.0.0\n"}, Grade::warning).size() == 1);
    CHECK(falco_errors({plugins + "0.1.0\n    alternatives:\n    - name: x\n"}).size() == 1);
}

TEST_CASE("rules that cannot be asked here are listed, and still checked") {
    std::string other = falco_rule("some.field = x and known");
    other.replace(other.find("aws_cloudtrail"), 14, "k8s_audit");
    const std::string text = "- macro: known\n  condition: evt.type in (a)\n" + other;
    CHECK(falco_errors({text}).empty());
    const auto skipped = [](const std::string& t) {
        const rule::falco::File file{"x.yaml", t};
        return rule::falco::read_files({&file, 1})[0].skipped;
    };
    REQUIRE(skipped(text).size() == 1);
    CHECK(skipped(text)[0].kind == rule::sigma::Skipped::Kind::falco_source);
    CHECK(skipped(text)[0].title == "R (k8s_audit)");
    CHECK(falco_errors({other}).size() == 1);  // its macro is missing
    const std::string lenient = falco_rule("ct.novel = x", "  skip-if-unknown-filter: true\n");
    CHECK(falco_errors({lenient}).empty());
    REQUIRE(skipped(lenient).size() == 1);
    CHECK(skipped(lenient)[0].kind == rule::sigma::Skipped::Kind::falco_field);
}

TEST_CASE("what people are told of a rule comes from the rule") {
    const auto rules = falco_rules(
        {falco_rule("ct.id exists", "  tags: [cloud, mitre_initial_access, T1078.004]\n")});
    REQUIRE(rules.size() == 1);
    CHECK(rules[0].info.title == "R");
    CHECK(rules[0].info.level == match::Level::medium);
    CHECK(rules[0].info.tags == Lines{"cloud",
                                      "mitre_initial_access",
                                      "T1078.004",
                                      "attack.initial-access",
                                      "attack.t1078.004"});
    CHECK(rules[0].info.source == "aws_cloudtrail");
    CHECK(rules[0].info.id == falco_rules({falco_rule("ct.name = other")})[0].info.id);
    CHECK(rules[0].info.id != falco_rules({named("S", "ct.id exists")})[0].info.id);
}

TEST_CASE("the output is filled from the event, <NA> where a field is absent") {
    std::string text = falco_rule("ct.id exists");
    text.replace(text.find("output: o"),
                 9,
                 "output: >\n    100%% of %ct.name (user=%ct.user,\n    v=%json.value[/a/0] "
                 "low=%tolower(ct.name) t=%evt.time) 5% off");
    FalcoBench bench(falco_rules({text}));
    bench.ask(R"({"eventTime":"2024-07-31T23:29:16Z","eventID":"i","eventName":"Put","a":["x"]})");
    std::string line;
    for (const match::OutputPart& part : bench.rules()[0].output)
        line += match::term_text(part.term, bench.event()).value_or("<NA>");
    CHECK(line == "100% of Put (user=<NA>, v=x low=put t=23:29:16.000000000) 5% off");
}
