#include "store/tokens.h"

#include <algorithm>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "store/token_scan.h"

using namespace yagura::store;

namespace {

std::set<std::string> words(std::string_view text, bool is_json = false) {
    std::set<std::string> out;
    for_each_token(text, is_json, [&](std::string_view token) {
        if (token[0] != '\x01') out.insert(std::string(token));
    });
    return out;
}

// What the side index says of a text with these tokens.
bool may_match(const Indicator& indicator, const std::set<std::string>& tokens) {
    const auto& probes = indicator.probes();
    return probes.empty() ||
           std::any_of(probes.begin(), probes.end(), [&](const Indicator::Probe& probe) {
               return std::all_of(probe.begin(), probe.end(), [&](const std::string& token) {
                   return tokens.contains(token);
               });
           });
}

}  // namespace

TEST_CASE("an ARN counts as a whole and by its parts") {
    CHECK(words("arn:aws:iam::123456789012:user/Alice.B") ==
          std::set<std::string>{"arn:aws:iam::123456789012:user/alice.b",
                                "123456789012",
                                "user/alice.b",
                                "user",
                                "alice.b"});
}

TEST_CASE("words of any length and any bytes come in lower case with their joints") {
    std::mt19937 random(7);
    const std::string_view bytes("aZ@A[z{`:/.-_09\x80\xff\xc3", 18);
    for (size_t size = 0; size < 80; ++size) {
        for (int time = 0; time < 20; ++time) {
            std::string raw, wanted;
            for (size_t i = 0; i < size; ++i) {
                raw += bytes[random() % (time < 10 ? 4 : bytes.size())];
                wanted += yagura::ascii_lower(raw.back());
            }
            std::string out(size + 1, '#');  // room for the word alone
            const Joints joints = copy_lower(raw, out.data());
            CHECK(out == wanted + '#');
            CHECK(joints.outer == (raw.find_first_of(":@") != raw.npos));
            CHECK(joints.slash == (raw.find('/') != raw.npos));
            CHECK(joints.dot == (raw.find('.') != raw.npos));
        }
    }
}

TEST_CASE("a host name counts by its parent domains, a file version does not") {
    CHECK(words("see https://api.evil-site.example.com/x/y2z3?q=1") ==
          std::set<std::string>{"https://api.evil-site.example.com/x/y2z3",
                                "https",
                                "api.evil-site.example.com/x/y2z3",
                                "api.evil-site.example.com",
                                "evil-site.example.com",
                                "example.com",
                                "y2z3"});
    CHECK(words("aws-cli/2.15.0") == std::set<std::string>{"aws-cli/2.15.0", "aws-cli", "2.15.0"});
}

TEST_CASE("escapes end words in JSON, an escaped slash does not") {
    CHECK(words(R"({"path":"\/etc\/passwd","text":"one\nfour\u0041five"})", true) ==
          std::set<std::string>{"path", "etc/passwd", "passwd", "text", "four", "five"});
}

TEST_CASE("pieces of base64 count as a whole only, and what is pasted from them is found") {
    const std::string token =
        "IQoJb3JpZ2luX2VjEAa/CXVzLWVhc3Qt+SJGMEQCIB9TkSlpHhYp/Hy8aB7cPq+short/Zz";
    CHECK(words(token) == std::set<std::string>{"iqojb3jpz2lux2vjeaa/cxvzlwvhc3qt",
                                                "sjgmeqcib9tkslphhyp/hy8ab7cpq",
                                                "short/zz",
                                                "short"});
    CHECK(words("sees+http://host.example.com/abcdefgh").contains("host.example.com"));
    for (const bool is_json : {false, true}) {
        const std::string text = is_json ? R"({"sessionToken":")" + token + "\"}" : token;
        const Indicator whole(token);
        CHECK(whole.matches(text, is_json));
        CHECK(may_match(whole, words(text, is_json)));
        CHECK(may_match(Indicator("SJGMEQCIB9TkSlpHhYp/Hy8aB7cPq"), words(text, is_json)));
        CHECK(Indicator("SJGMEQCIB9TkSlpHhYp/Hy8aB7cPq").matches(text, is_json));
        CHECK(!Indicator("CXVzLWVhc3Qt").matches(text, is_json));
    }
}

TEST_CASE("indicators match whole words in any case") {
    CHECK(Indicator("AKIAEXAMPLE0001").matches("key=akiaexample0001;", false));
    CHECK(!Indicator("AKIAEXAMPLE0001").matches("AKIAEXAMPLE00012", false));
    CHECK(Indicator("10.0.0.1").matches("from 10.0.0.1:443.", false));
    CHECK(!Indicator("10.0.0.1").matches("110.0.0.1", false));
    CHECK(!Indicator("10.0.0.1").matches("10.0.0.11", false));
    CHECK(Indicator("2001:DB8::1").matches("2001:0db8:0:0:0:0:0:1", false));
    CHECK(Indicator("user/alice").matches("arn:aws:iam::123456789012:user/Alice", false));
    CHECK(Indicator("evil.example").matches("c2.evil.example", false));
    CHECK(Indicator("a b").matches("x a b y", false));
    CHECK(!Indicator("a b").matches("xa b", false));
    CHECK(Indicator("abc").matches("arn:abc:d", false));
    CHECK(!Indicator("abc").matches("abcd", false));
    CHECK(!Indicator("").matches("", false));
}

TEST_CASE("an indicator matches parts of a longer word that stand side by side") {
    const std::string_view arn = "arn:aws:sts::123456789012:assumed-role/Admin/alice";
    for (const char* part :
         {"assumed-role/admin", "role", "Admin/alice", "sts::123456789012", "sts"})
        CHECK_MESSAGE(Indicator(part).matches(arn, false) == (std::string_view(part) != "role"),
                      part);
    CHECK(!Indicator("role/Admin").matches(arn, false));
    CHECK(!Indicator("assumed-role/Adm").matches(arn, false));
    CHECK(!Indicator("com").matches("evil.com", false));
    CHECK(!Indicator("Alice Smith").matches("Alice Smith-Jones", false));
    CHECK(Indicator("Alice Smith").matches("user:Alice Smith.", false));
}

TEST_CASE("what is looked for is found however JSON writes it") {
    const std::string_view json =
        R"({"a":"say \"no way\"","p":"C:\\Windows\\System32","u":"a\/b\/c d","h":"x \u003c y\n\u65e5\u672c z"})";
    for (const char* text : {"say \"no way\"",
                             "no way",
                             "C:\\Windows\\System32",
                             "b/c d",
                             "x < y",
                             "日本 z",
                             "y\n日本"})
        CHECK_MESSAGE(Indicator(text).matches(json, true), text);
    CHECK(!Indicator("no \"way").matches(json, true));
}

TEST_CASE("an address at the edge of its colons is one, and a mapped one is its IPv4 address") {
    CHECK(words("::1 fe80::").contains("fe80::"));
    CHECK(Indicator("fe80::").matches("from fe80::.", false));
    CHECK(Indicator("::1/128").matches("from ::1", false));
    CHECK(!Indicator("::1").matches("2001:db8::1", false));
    CHECK(Indicator("::ffff:192.0.2.9").matches("192.0.2.9", false));
    CHECK(Indicator("192.0.2.9").matches("::ffff:c000:209", false));
    CHECK(Indicator("192.0.2.0/24").matches("::ffff:192.0.2.9", false));
}

TEST_CASE("a network matches the addresses in it") {
    CHECK(Indicator("10.1.0.0/16").matches("client 10.1.200.3", false));
    CHECK(!Indicator("10.1.0.0/16").matches("client 10.2.0.1", false));
    CHECK(Indicator("2001:db8::/32").matches("2001:db8:5::9", false));
    CHECK(Indicator("10.1.2.0/28").matches("10.1.2.15", false));
    CHECK(!Indicator("10.1.2.0/28").matches("10.1.2.16", false));
}

TEST_CASE("the probe of an indicator is a token of every text that matches") {
    const std::string_view texts[] = {"10.1.2.3",
                                      "arn:aws:s3:::bucket/some/key.txt",
                                      "user alice@corp.example.com (10.1.2.3:22)",
                                      "2001:db8:1:2::3",
                                      "ASIAQWERTY / session-1",
                                      "日本語のテキスト",
                                      "::1",
                                      "fe80:: and ::ffff:192.0.2.9",
                                      "jndi:ldap://evil.example.org/a-b/c",
                                      "role/Path/To/Admin Smith-Jones"};
    const std::string_view indicators[] = {"::1",
                                           "::1/128",
                                           "fe80::",
                                           "fe80::/16",
                                           "192.0.2.9",
                                           "192.0.2.0/24",
                                           "::ffff:192.0.2.9",
                                           "ldap://evil.example.org",
                                           "example.org",
                                           "a-b/c",
                                           "path/to",
                                           "To/Admin smith-jones",
                                           "some/key",
                                           "10.1.2.3",
                                           "10.1.0.0/16",
                                           "10.1.2.0/30",
                                           "10.0.0.0/7",
                                           "bucket/some/key.txt",
                                           "key.txt",
                                           "corp.example.com",
                                           "alice@corp.example.com",
                                           "2001:DB8:1:2:0:0:0:3",
                                           "2001:db8::/33",
                                           "asiaqwerty / session-1",
                                           "日本語のテキスト",
                                           "x"};
    int matched = 0;
    for (const auto text : texts) {
        for (const auto raw : indicators) {
            const Indicator indicator(raw);
            if (!indicator.matches(text, false)) continue;
            ++matched;
            std::set<std::string> tokens;
            for_each_token(text, false, [&](std::string_view token) { tokens.emplace(token); });
            CHECK_MESSAGE(may_match(indicator, tokens), raw << " in " << text);
        }
    }
    CHECK(matched >= 25);
}

TEST_CASE("a word ends at the same byte, looked at one by one or sixteen at a time") {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 80, 'a');
        for (char& c : text) {
            if (random() % 24 == 0) c = static_cast<char>(random());
        }
        const size_t at = text.empty() ? 0 : random() % text.size();
        size_t expected = at;
        while (expected < text.size() && is_word(text[expected])) ++expected;
        REQUIRE(word_end(text, at) == expected);
    }
}
