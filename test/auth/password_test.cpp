#include "auth/password.h"

#include <atomic>
#include <set>
#include <thread>

#include "auth/made.h"
#include "auth/names.h"
#include "auth/secret.h"

namespace yagura::auth {
namespace {

PasswordHasher::Options cheap() {
    return MadeGate::cheap().hashing;
}

bool is_accepted(std::string_view password, std::string_view name = "mika") {
    return check_password(name, password).has_value();
}

}  // namespace

TEST_CASE("passwords of any script are accepted from twelve characters on") {
    CHECK(is_accepted("correct horse"));
    CHECK(is_accepted("かきくけこさしすせそたち"));
    CHECK(!is_accepted("かきくけこさしすせそた"));  // eleven, though 33 bytes
    CHECK(is_accepted("p w d \xF0\x9F\x94\x91 \xF0\x9F\x97\x9D 12"));
    CHECK(!is_accepted("elevenchars"));
    CHECK(!is_accepted(""));
    std::string longest;
    for (int i = 0; longest.size() < kLongestPasswordBytes; ++i)
        longest += fmt::format("{:04x}", i);
    CHECK(is_accepted(longest));
    CHECK(!is_accepted(longest + "x"));
}

TEST_CASE("what is tried first is refused, whatever its length") {
    CHECK(!is_accepted("Mika@Example.com", "mika@example.com"));
    CHECK(!is_accepted("123456789012"));
    CHECK(!is_accepted("PasswordPassword"));
    CHECK(!is_accepted("aaaaaaaaaaaaaaaaaaaa"));
    CHECK(!is_accepted("abababababababab"));
    CHECK(!is_accepted("valid but \xFF not UTF-8"));
}

TEST_CASE("a hash is right for its password alone, and no two are alike") {
    PasswordHasher hasher(cheap());
    const std::string kept = must(hasher.hash(kPassword));
    CHECK(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    CHECK(must(hasher.verify(kPassword, kept)));
    CHECK(!must(hasher.verify(kOtherPassword, kept)));
    CHECK(!must(hasher.verify("", kept)));
    CHECK(!must(hasher.verify(std::string(kPassword) + '\0', kept)));
    CHECK(must(hasher.hash(kPassword)) != kept);
}

TEST_CASE("nobody's hash is never right, and damaged ones are neither right nor a crash") {
    PasswordHasher hasher(cheap());
    CHECK(!must(hasher.verify("", "")));
    CHECK(!must(hasher.verify(kPassword, "")));
    for (const std::string& damaged : {std::string("x"),
                                       std::string("$argon2id$v=19$m=8,t=1,p=1$"),
                                       std::string("$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$AAAA"),
                                       std::string(1000, '$')}) {
        CAPTURE(damaged);
        CHECK(!must(hasher.verify(kPassword, damaged)));
    }
}

TEST_CASE("the usual cost is 64 MiB and three passes") {
    const PasswordHasher::Options usual;
    CHECK(usual.memory_bytes == size_t{64} << 20);
    CHECK(usual.passes == 3);
    PasswordHasher hasher(usual);
    CHECK(must(hasher.hash(kPassword)).starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
}

TEST_CASE("a hash of an older cost is made anew when its owner signs in") {
    MadeGate made;
    made.add("mika");
    Gate::Options dearer = MadeGate::cheap();
    dearer.hashing.passes = 2;
    const auto gate = must(Gate::open(made.lake(), dearer));
    const auto kept = [&] {
        auto database = must(sqlite::Database::open(made.file(), sqlite::Mode::write));
        auto row = must(database.prepare("SELECT password FROM people"));
        REQUIRE(must(row.step()));
        return std::string(row.text(0));
    };
    const std::string before = kept();
    CHECK(must(gate->people().is_password("mika", kOtherPassword)) == false);
    CHECK(kept() == before);
    CHECK(must(gate->people().is_password("mika", kPassword)));
    CHECK(kept().find(",t=2,") != std::string::npos);
    CHECK(must(gate->people().is_password("mika", kPassword)));
}

TEST_CASE("no more hashes are worked on or wait than allowed; the rest is told to come back") {
    PasswordHasher::Options options = cheap();
    options.at_once = 1;
    options.waiting = 1;
    options.memory_bytes = 8u << 20;  // long enough for the threads to meet
    options.passes = 3;
    PasswordHasher hasher(options);
    std::atomic<int> done{0}, busy{0}, other{0};
    std::vector<std::thread> threads;
    std::atomic<bool> go{false};
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            while (!go) std::this_thread::yield();
            const auto kept = hasher.hash(kPassword);
            if (kept) {
                ++done;
            } else {
                ++(kept.error().code() == Code::busy ? busy : other);
            }
        });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(other == 0);
    CHECK(done + busy == 16);
    CHECK(done >= 2);
    CHECK(must(hasher.hash(kPassword)).size() > 20);  // the room was given back
}

TEST_CASE("secrets follow from the bytes given, and hold 256 of them as base64url") {
    uint8_t next = 0;
    const Randomness counting = [&](std::span<uint8_t> bytes) {
        for (uint8_t& byte : bytes) byte = next++;
    };
    CHECK(make_secret(counting) == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    CHECK(make_id(counting) == "2021222324252627");
    std::set<std::string> seen;
    const Randomness system = system_randomness();
    for (int i = 0; i < 1000; ++i) seen.insert(make_secret(system));
    CHECK(seen.size() == 1000);
}

TEST_CASE("what is kept of a secret, and its CSRF token, tell it apart from others") {
    CHECK(kept_form("a").size() == 32);
    CHECK(kept_form("a") != kept_form("b"));
    CHECK(csrf_of("a") != csrf_of("b"));
    CHECK(csrf_of("a").size() == 43);
    CHECK(is_same_secret("abc", "abc"));
    CHECK(!is_same_secret("abc", "abd"));
    CHECK(!is_same_secret("abc", "abcd"));
    CHECK(is_same_secret("", ""));
}

TEST_CASE("names are brought into one form, and what is none is refused") {
    CHECK(must(normal_name("Mika.O+x@Example-1.com_")) == "mika.o+x@example-1.com_");
    CHECK(must(normal_name(std::string(64, 'a'))).size() == 64);
    for (const std::string& bad : {std::string(),
                                   std::string(65, 'a'),
                                   std::string(".a"),
                                   std::string("-a"),
                                   std::string("a b"),
                                   std::string("a\nb"),
                                   std::string("a\0b", 3),
                                   std::string("ａ"),
                                   std::string("m\xC4\xB1ka"),
                                   std::string("<a>"),
                                   std::string("LOCAL")}) {
        CAPTURE(bad);
        CHECK(code_of(normal_name(bad)) == Code::invalid);
    }
}

TEST_CASE("texts of strangers are cut where a character ends") {
    CHECK(clipped("short", 10) == "short");
    CHECK(clipped("exactly 10", 10) == "exactly 10");
    CHECK(clipped("more than 10", 10) == "more th…");
    CHECK(clipped("日本語日本語", 10) == "日本…");
    CHECK(clipped("bad \xFF byte", 20) == "bad \uFFFD byte");
    for (size_t most = 3; most < 40; ++most) {
        const std::string cut =
            clipped("a日本\xE3\x81語 \xF0\x9F\x94\x91 and so on and on and on", most);
        CHECK(cut.size() <= most);
        CHECK(cut.find('\xF0') == cut.find("\xF0\x9F\x94\x91"));
    }
}

}  // namespace yagura::auth
