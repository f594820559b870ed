// The index and the walk: what a record's fields are, and what is refused.
#include "event/json_document.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "event/event.h"
#include "event/plan.h"

namespace yagura::event {
namespace {

const Dictionary& dictionary() {
    static constexpr Field kFields[] = {
        {"name", "name"},
        {"user.name", "user_name"},
        {"user.tags", "user_tags"},
        {"items", "items"},
        {"items.key", "items_key"},
        {"request", "request", Type::json},
    };
    static const Dictionary kDictionary(kFields);
    return kDictionary;
}

// A record and the event made of it; keeps everything the event points to.
struct Walked {
    explicit Walked(std::string_view json, std::vector<std::string> wanted = {}, bool extra = false)
        : plan(dictionary()), text(json) {
        for (const std::string& name : wanted) plan.want(name);
        if (extra) plan.collect_extra();
        plan.freeze();
        event.reset(plan);
        fault = document.index(text.view());
        if (!fault) fault = walk_record(document, at, event);
    }

    std::string value(std::string_view name) {
        return std::string(event.value(plan.want(name)).text());
    }
    std::string plain(std::string_view name) { return std::string(event.text(plan.want(name))); }
    Kind kind(std::string_view name) { return event.value(plan.want(name)).kind; }
    std::vector<std::string> values(std::string_view name) {
        std::vector<std::string> out;
        event.any_value(plan.want(name), [&](const ValueView& value) {
            out.emplace_back(value.text());
            return false;
        });
        return out;
    }
    std::string extra() {
        std::string out;
        for (const auto& one : event.extra()) {
            out += std::string(one.path) + std::string(one.key.text()) + "=" +
                   std::string(one.value.text()) + ";";
        }
        return out;
    }
    std::string fault_name() const {
        return fault ? std::string(yagura::fault_name(fault->code)) : "";
    }

    FieldPlan plan;
    PaddedText text;
    JsonDocument document;
    Event event;
    uint32_t at = 0;
    std::optional<Fault> fault;
};

using Texts = std::vector<std::string>;

TEST_CASE("a walk fills the slots of wanted fields with their text as it stands") {
    Walked walked(
        R"({"name":"n","user":{"name":"u","x":[1]},"request":{"a": [1, 2]},"n":-1.50e+2,"t":true,"z":null})",
        {"n", "t", "z", "request.a"});
    CHECK(walked.fault_name() == "");
    CHECK(walked.value("name") == "n");
    CHECK(walked.value("user.name") == "u");
    CHECK(walked.value("request") == R"({"a": [1, 2]})");
    CHECK(walked.kind("request") == Kind::object);
    CHECK(walked.value("n") == "-1.50e+2");
    CHECK(walked.kind("n") == Kind::number);
    CHECK(walked.kind("t") == Kind::boolean);
    CHECK(walked.kind("z") == Kind::null);
    CHECK(walked.kind("items") == Kind::absent);
    CHECK(walked.values("request.a") == Texts{"[1, 2]", "1", "2"});
    CHECK(walked.at == walked.document.size());
}

TEST_CASE("the record's bytes are exactly those between its brackets") {
    const std::string first = R"({ "name" : "a" })", second = R"({"name":"b"})";
    PaddedText text(" " + first + "\n\t" + second + " ");
    JsonDocument document;
    REQUIRE(!document.index(text.view()));
    FieldPlan plan(dictionary());
    plan.freeze();
    Event event;
    uint32_t at = 0;
    for (const std::string& wanted : {first, second}) {
        event.reset(plan);
        REQUIRE(!walk_record(document, at, event));
        CHECK(event.record == wanted);
    }
    CHECK(at == document.size());
}

TEST_CASE("of a key that comes twice the first counts, and the record is marked") {
    Walked walked(R"({"name":"first","user":{"name":"u1"},"name":"second","user":{"name":"u2"}})");
    CHECK(walked.values("name") == Texts{"first"});
    CHECK(walked.values("user.name") == Texts{"u1"});
    CHECK((walked.event.oddities & kDuplicateKey) != 0);
    CHECK((Walked(R"({"name":"a","user":{"name":"b"}})").event.oddities & kDuplicateKey) == 0);
}

TEST_CASE("a duplicate may be written with escapes") {
    Walked walked(R"({"name":"first","n\u0061me":"second"})");
    CHECK(walked.values("name") == Texts{"first"});
    CHECK((walked.event.oddities & kDuplicateKey) != 0);
}

TEST_CASE("keys with escapes are the keys they mean") {
    Walked walked(R"({"\u006e\u0061me":"v","user":{"n\u0061me":"u"},"a\"b":1})", {"a\"b"});
    CHECK(walked.value("name") == "v");
    CHECK(walked.value("user.name") == "u");
    CHECK(walked.value("a\"b") == "1");
}

TEST_CASE("escapes of values are resolved when their text is asked for") {
    Walked walked(R"({"name":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"})");
    CHECK(walked.event.value(walked.plan.want("name")).escaped);
    CHECK(walked.plain("name") == "a\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80");
    CHECK(!Walked(R"({"name":"plain"})").event.value(0).escaped);
}

TEST_CASE("a lone surrogate is mended and marked, a pair is not") {
    for (const char* bad : {R"(\ud800)",
                            R"(\udc00)",
                            R"(\ud800x)",
                            R"(\ud800\n)",
                            R"(\udc00\ud800)",
                            R"(\ud800\ud800\udc00)"}) {
        CAPTURE(bad);
        Walked walked(std::string(R"({"name":")") + bad + "\"}");
        CHECK(walked.fault_name() == "");
        CHECK((walked.event.oddities & kRepaired) != 0);
        CHECK(walked.plain("name").find("\xEF\xBF\xBD") != std::string::npos);
    }
    CHECK(Walked(R"({"name":"\ud83d\ude00"})").event.oddities == 0);
    // Also where nobody looks.
    CHECK((Walked(R"({"else":["\ud800"]})").event.oddities & kRepaired) != 0);
}

TEST_CASE("numbers keep their spelling; those beyond 64 bits are marked") {
    for (const char* big :
         {"123456789012345678901", "-123456789012345678901", "1e400", "0.1e-400"}) {
        Walked walked(std::string("{\"name\":") + big + "}");
        CHECK(walked.value("name") == big);
        CHECK((walked.event.oddities & kRepaired) != 0);
    }
    for (const char* fine : {"0", "-0", "12345678901234567", "1.5", "1E5", "0e0", "-1.25e-10"}) {
        Walked walked(std::string("{\"name\":") + fine + "}");
        CHECK(walked.value("name") == fine);
        CHECK(walked.event.oddities == 0);
    }
}

TEST_CASE("through arrays a field has many values, in order") {
    Walked walked(R"({"items":[{"key":"a"},{"other":1},{"key":"b","key":"c"},[{"key":"d"}],"e"]})");
    CHECK(walked.values("items.key") == Texts{"a", "b", "c", "d"});
    const Texts items = walked.values("items");
    REQUIRE(items.size() == 7);      // an array inside and its element are two
    CHECK(items[0].front() == '[');  // the array first, then its elements
    CHECK(items[1] == R"({"key":"a"})");
    CHECK(items.back() == "e");
    CHECK(walked.event.has_many(walked.plan.want("items")));
    CHECK(Walked(R"({"items":[]})").values("items") == Texts{"[]"});
    // Two objects of one array may share keys: that is no duplicate.
    CHECK((Walked(R"({"items":[{"key":1},{"key":2}]})").event.oddities & kDuplicateKey) == 0);
}

TEST_CASE("a key that itself holds the dots is the field, too") {
    Walked walked(R"({"user.name":"literal"})");
    CHECK(walked.value("user.name") == "literal");
}

TEST_CASE("what no dictionary field takes is collected on demand, each value once") {
    const std::string json =
        R"({"name":"n","new":{"a":1},"user":{"name":"u","age":3,"tags":{"x":1}},"items":[{"key":1,"z":2}],"request":{"q":1}})";
    CHECK(Walked(json).extra() == "");
    CHECK(Walked(json, {}, true).extra() == R"(new={"a":1};user.age=3;)");
    // A rule's wish for a field does not take it out of `extra`.
    Walked wished(json, {"new.a", "user.age"}, true);
    CHECK(wished.extra() == R"(new={"a":1};user.age=3;)");
    CHECK(wished.value("new.a") == "1");
    CHECK(wished.value("user.age") == "3");
}

std::string nested(size_t depth) {
    return R"({"name":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

TEST_CASE("128 levels are read, 129 are too deep, wanted or not") {
    CHECK(Walked(nested(127)).fault_name() == "");
    CHECK(Walked(nested(128)).fault_name() == "too_deep");
    CHECK(Walked(nested(100'000)).fault_name() == "too_deep");
    std::string other = nested(127);
    other.replace(2, 4, "else");
    CHECK(Walked(other).fault_name() == "");
    other.insert(8, "[").insert(other.size() - 1, "]");
    CHECK(Walked(other).fault_name() == "too_deep");
    std::string objects;
    for (int i = 0; i < 129; ++i) objects += R"({"user":)";
    CHECK(Walked(objects + "1" + std::string(129, '}')).fault_name() == "too_deep");
}

TEST_CASE("10,000 keys are read, one more is too many, wherever they are") {
    const auto keys = [](size_t count, const std::string& open, const std::string& close) {
        std::string out = open;
        for (size_t i = 0; i < count; ++i) out += (i == 0 ? "\"k\":0" : ",\"k\":0");
        return out + close;
    };
    CHECK(Walked(keys(10'000, "{", "}")).fault_name() == "");
    CHECK(Walked(keys(10'001, "{", "}")).fault_name() == "too_many_keys");
    CHECK(Walked(keys(9'999, R"({"else":{)", "}}")).fault_name() == "");
    CHECK(Walked(keys(10'000, R"({"else":{)", "}}")).fault_name() == "too_many_keys");
    CHECK(Walked(keys(9'999, R"({"items":[{)", "}]}")).fault_name() == "");
    CHECK(Walked(keys(10'000, R"({"items":[{)", "}]}")).fault_name() == "too_many_keys");
}

TEST_CASE("a record longer than 16 MiB is too long") {
    const auto sized = [](size_t size) {
        return R"({"name":")" + std::string(size - 11, 'x') + "\"}";
    };
    CHECK(Walked(sized(kMaxRecordBytes)).fault_name() == "");
    CHECK(Walked(sized(kMaxRecordBytes + 1)).fault_name() == "too_long");
}

TEST_CASE("grammar is checked in parts nobody wants") {
    for (const char* bad : {R"({"x":01})",       R"({"x":1.})",       R"({"x":.5})",
                            R"({"x":+1})",       R"({"x":1e})",       R"({"x":-})",
                            R"({"x":tru})",      R"({"x":nul})",      R"({"x":True})",
                            R"({"x":NaN})",      R"({"x":'a'})",      R"({"x":"\x"})",
                            R"({"x":"\u12"})",   R"({"x":"\u12g4"})", R"({"x"})",
                            R"({"x":})",         R"({"x":1,})",       R"({,"x":1})",
                            R"({"x":1 "y":2})",  R"({"x":[1 2]})",    R"({"x":[1,]})",
                            R"({"x":[,1]})",     R"({"x":[1})",       R"({"x":1]})",
                            R"({"x":{"y":1,}})", R"({x:1})",          R"({1:1})",
                            R"({"x"::1})",       R"({"x":1)",         "{",
                            R"({"x":[)",         R"({"x":"a" "b"})",  R"({"x":1}1)"}) {
        CAPTURE(bad);
        Walked walked(bad);
        // The last one is a good record with something behind it.
        const bool whole = walked.fault_name() == "" && walked.at == walked.document.size();
        CHECK(!whole);
        // The same under a wanted field.
        std::string wanted = bad;
        if (const size_t at = wanted.find("\"x\""); at != std::string::npos) {
            wanted.replace(at, 3, "\"items\"");
            Walked other(wanted);
            CHECK(!(other.fault_name() == "" && other.at == other.document.size()));
        }
    }
}

TEST_CASE("the index refuses what no JSON text holds") {
    const auto refused = [](std::string_view bytes) {
        const PaddedText text(bytes);
        JsonDocument document;
        const auto fault = document.index(text.view());
        return fault ? std::string(fault_name(fault->code)) : std::string();
    };
    CHECK(refused("{\"a\":\"\xFF\"}") == "bad_utf8");
    CHECK(refused("{\"a\":\"\xC0\x80\"}") == "bad_utf8");
    CHECK(refused("{\"a\":\"\xED\xA0\x80\"}") == "bad_utf8");
    CHECK(refused("{\"a\":\"\xE3\x81\"}") == "bad_utf8");
    CHECK(refused("{\"a\":\"b}") == "bad_json");
    CHECK(refused("{\"a\":\"b\nc\"}") == "bad_json");
    CHECK(refused(std::string_view("{\"a\":\"\0\"}", 9)) == "bad_json");
    CHECK(refused(" \n\t") == "");
    CHECK(refused({}) == "");
    CHECK(refused("{}") == "");
}

TEST_CASE("a value that is no object is no record") {
    for (const char* text : {"[1]", "1", "\"a\"", "true", "null"}) {
        CHECK(Walked(text).fault_name() == "not_a_record");
    }
}

TEST_CASE("faults say where") {
    Walked walked(R"({"a":1,"b":tru})");
    REQUIRE(walked.fault);
    CHECK(walked.fault->offset == 11);
    CHECK(walked.at == 0);
}

TEST_CASE("skip, read and find move over values") {
    const PaddedText text(std::string_view(R"({"a":[1,{"b":2}],"c":"d","e":{}} 7)"));
    JsonDocument document;
    REQUIRE(!document.index(text.view()));
    uint32_t at = 0;
    CHECK(!document.skip(at));
    CHECK(document.at(at) == '7');
    ValueView value;
    CHECK(!document.read(at, value));
    CHECK(value.text() == "7");
    CHECK(at == document.size());
    auto found = document.find(0, "c");
    REQUIRE(found);
    CHECK(!document.read(*found, value));
    CHECK(value.text() == "d");
    CHECK(!document.find(0, "b"));
    CHECK(!document.find(at, "a"));
    at = 0;
    CHECK(skip_balanced(document, at));
    CHECK(document.at(at) == '7');
}

TEST_CASE("every leaf is visited") {
    const PaddedText text(std::string_view(R"({"a":[1,"x",{"b":true}],"c":null,"d":{}})"));
    Texts leaves;
    for_each_leaf(text.view(), [&](const ValueView& value) {
        leaves.emplace_back(value.text());
        return false;
    });
    CHECK(leaves == Texts{"1", "x", "true", "null"});
}

// The place of the next backslash is remembered between values; going back must not be fooled by
// it.
TEST_CASE("values may be read in any order") {
    const PaddedText text(std::string_view(R"({"a":"x\n","b":"y","c":"z\t","d":"\q"})"));
    JsonDocument document;
    REQUIRE(!document.index(text.view()));
    const char* order[] = {"c", "a", "b", "c", "a"};
    for (const char* key : order) {
        auto found = document.find(0, key);
        REQUIRE(found);
        ValueView value;
        REQUIRE(!document.read(*found, value));
        CHECK(value.escaped == (*key != 'b'));
    }
    auto bad = document.find(0, "d");
    REQUIRE(bad);
    CHECK(document.skip(*bad).has_value());
}

}  // namespace
}  // namespace yagura::event
