#include "auth/gate.h"

#include <set>
#include <thread>

#include <sys/stat.h>

#include "auth/made.h"

namespace yagura::auth {

using namespace std::chrono_literals;

TEST_CASE("setup is required until there is an administrator, and then never again") {
    MadeGate made;
    CHECK(must(made->setup_required()));
    CHECK(made->local().may(Role::admin));
    CHECK(made->local().accounts.is_all());
    made.add("mika", Role::responder);
    CHECK(must(made->setup_required()));
    const NewSession first = must(made->set_up(
        {.name = "Root", .password = std::string(kPassword), .role = Role::viewer}, kClient));
    CHECK(first.who.name == "root");
    CHECK(first.who.role == Role::admin);
    CHECK(!must(made->setup_required()));
    CHECK(must(made->sessions().find(first.secret))->may(Role::admin));
    CHECK(code_of(made->set_up({.name = "other", .password = std::string(kPassword)}, kClient)) ==
          Code::conflict);
    CHECK(must(made->people().list()).size() == 2);
}

TEST_CASE("of those who set up at the same moment one wins") {
    MadeGate made;
    std::atomic<int> won{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            const NewPerson person{.name = fmt::format("admin{}", i),
                                   .password = std::string(kPassword)};
            won += made->set_up(person, kClient).has_value() ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(won == 1);
    CHECK(must(made->people().list()).size() == 1);
}

TEST_CASE("the right password signs in, whatever the case of the name") {
    MadeGate made;
    made.add("mika@example.com", Role::analyst, AccountScope::of({"111111111111"}));
    const NewSession session = made.signed_in("Mika@Example.com");
    CHECK(session.who.name == "mika@example.com");
    CHECK(session.who.role == Role::analyst);
    CHECK(session.who.accounts == AccountScope::of({"111111111111"}));
    CHECK(session.secret.size() == 43);
    CHECK(session.who.csrf.size() == 43);
    CHECK(session.who.csrf != session.secret);
    CHECK(must(made->people().find("mika@example.com")).last_login == made.now());
}

TEST_CASE("wrong passwords, unknown names and disabled people get the same answer") {
    MadeGate made;
    made.add("mika");
    made.add("gone");
    must(made->people().change("gone", {.is_disabled = true}, kActor));
    for (const auto& [name, password] : {std::pair{"mika", kOtherPassword},
                                         {"nobody", kPassword},
                                         {"gone", kPassword},
                                         {"", kPassword},
                                         {"no name at all!", kPassword},
                                         {"mika", std::string_view()}}) {
        CAPTURE(name);
        const uint64_t before = made->hasher().worked();
        const SignIn answer = must(made->sign_in(name, password, kClient));
        CHECK(answer.state == SignIn::State::refused);
        CHECK(made->hasher().worked() == before + 1);  // and the same work
        CHECK(answer.session.secret.empty());
    }
}

TEST_CASE("a name that no user has is not written to the audit log, as it may be a password") {
    MadeGate made;
    made.add("mika");
    must(made->sign_in("hunter2hunter2", kPassword, kClient));
    must(made->sign_in("mika", kOtherPassword, kClient));
    const AuditPage page = must(made->audit().page(2, 0));
    CHECK(page.rows[0].entry.target == "mika");
    CHECK(page.rows[1].entry.target == "(unknown)");
    for (const AuditRow& row : page.rows) {
        CHECK(row.entry.action == "login");
        CHECK(row.entry.result == "refused");
        CHECK(row.entry.address == "192.0.2.7");
    }
}

TEST_CASE("guessing has to wait, the wait is told, and afterwards the right password still works") {
    MadeGate made;
    made.add("mika");
    SignIn answer;
    for (int i = 0; i < 4; ++i) {
        answer = must(made->sign_in("mika", kOtherPassword, kClient));
        CHECK(answer.state == SignIn::State::refused);
    }
    answer = must(made->sign_in("mika", kPassword, kClient));
    CHECK(answer.state == SignIn::State::throttled);
    CHECK(answer.wait == 1s);
    // The same person elsewhere is not held up by a stranger.
    CHECK(must(made->sign_in("mika", kPassword, {"198.51.100.9"})).state ==
          SignIn::State::signed_in);
    made.pass(1s);
    CHECK(must(made->sign_in("mika", kPassword, kClient)).state == SignIn::State::signed_in);
    CHECK(must(made->sign_in("mika", kOtherPassword, kClient)).state == SignIn::State::refused);
}

TEST_CASE("a changed password ends all sessions and begins a new one") {
    MadeGate made;
    made.add("mika");
    const NewSession other = made.signed_in("mika");
    const NewSession mine = made.signed_in("mika");
    CHECK(must(made->change_password(mine.who, kOtherPassword, "a third of its own", kClient))
              .state == SignIn::State::refused);
    CHECK(code_of(made->change_password(mine.who, kPassword, "short", kClient)) == Code::invalid);
    CHECK(must(made->sessions().find(other.secret)).has_value());
    const SignIn changed =
        must(made->change_password(mine.who, kPassword, kOtherPassword, kClient));
    CHECK(changed.state == SignIn::State::signed_in);
    CHECK(must(made->sessions().find(changed.session.secret)).has_value());
    CHECK(!must(made->sessions().find(mine.secret)).has_value());
    CHECK(!must(made->sessions().find(other.secret)).has_value());
    CHECK(must(made->sign_in("mika", kPassword, kClient)).state == SignIn::State::refused);
    made.signed_in("mika", kOtherPassword);
}

TEST_CASE("guessing the current password with a stolen session is slowed down, too") {
    MadeGate made;
    made.add("mika");
    const NewSession stolen = made.signed_in("mika");
    auto state = SignIn::State::signed_in;
    for (int i = 0; i < 5; ++i)
        state = must(made->change_password(stolen.who, "guess of a thief", kOtherPassword, kClient))
                    .state;
    CHECK(state == SignIn::State::throttled);
}

TEST_CASE("rows of failed logins are bounded, and how many were left out is told") {
    Gate::Options options = MadeGate::cheap();
    options.throttle.free_by_address = 1'000'000;
    MadeGate made(options);
    for (int i = 0; i < FailureRows::kMostPerMinute + 40; ++i)
        must(made->sign_in(fmt::format("name{}", i), kPassword, kClient));
    CHECK(must(made->audit().page(1, 0)).total == FailureRows::kMostPerMinute);
    made.pass(1min);
    must(made->sign_in("mika", kPassword, kClient));
    CHECK(must(made->audit().page(1, 0)).rows[0].entry.detail == "40 more were not written");
    CHECK(must(made->audit().verify()).is_ok);
}

TEST_CASE("the file and its folder are nobody else's to read") {
    MadeGate made;
    made.add("mika");
    struct stat state {};
    for (const char* suffix : {"", "-wal", "-shm"}) {
        CAPTURE(suffix);
        REQUIRE(stat((made.file().string() + suffix).c_str(), &state) == 0);
        CHECK((state.st_mode & 0777) == 0600);
    }
    REQUIRE(stat(made.file().parent_path().c_str(), &state) == 0);
    CHECK((state.st_mode & 0777) == 0700);
}

TEST_CASE("neither passwords nor secrets are in the file") {
    MadeGate made;
    made.add("mika", Role::analyst);
    const NewSession session = made.signed_in("mika");
    const NewToken token = must(made->tokens().add("mika", {.label = "export"}, kActor));
    made.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    std::string bytes;
    for (const char* suffix : {"", "-wal"}) {
        if (std::FILE* file = std::fopen((made.file().string() + suffix).c_str(), "rb")) {
            char block[4096];
            for (size_t n; (n = std::fread(block, 1, sizeof block, file)) > 0;)
                bytes.append(block, n);
            std::fclose(file);
        }
    }
    CHECK(bytes.find("mika") != std::string::npos);
    for (const std::string_view secret : {kPassword,
                                          std::string_view(session.secret),
                                          std::string_view(session.who.csrf),
                                          std::string_view(token.secret),
                                          std::string_view(token.secret).substr(4)})
        CHECK(bytes.find(secret) == std::string::npos);
}

TEST_CASE("a file of a newer version is refused and stays as it is") {
    MadeGate made;
    made.add("mika");
    made.tamper("PRAGMA user_version = 99");
    const auto refused = Gate::open(made.lake(), MadeGate::cheap());
    CHECK(code_of(refused) == Code::unsupported);
    CHECK(refused.error().sentence().find("99") != std::string::npos);
    made.tamper("PRAGMA user_version = 2");
    made.open();
    CHECK(must(made->people().list()).size() == 1);
}

TEST_CASE("a database of something else is not taken for ours") {
    MadeGate made;
    made.tamper("PRAGMA application_id = 7");
    CHECK(code_of(Gate::open(made.lake(), MadeGate::cheap())) == Code::corrupt);
}

TEST_CASE("many threads at once: sessions, changes and the audit log stay consistent") {
    MadeGate made;
    made.add("root", Role::admin);
    for (int i = 0; i < 4; ++i) made.add(fmt::format("user{}", i), Role::analyst);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            const std::string name = fmt::format("user{}", i);
            const Client client{fmt::format("192.0.2.{}", i)};
            for (int round = 0; round < 10; ++round) {
                const auto session = made->sign_in(name, kPassword, client);
                if (!session || session->state != SignIn::State::signed_in) {
                    ++wrong;
                    continue;
                }
                const auto who = made->sessions().find(session->session.secret);
                if (!who || !*who || (*who)->name != name) ++wrong;
                const AccountScope scope = AccountScope::of({fmt::format("{}", round)});
                if (!made->people().change(name, {.accounts = scope}, kActor)) ++wrong;
                const auto token = made->tokens().add(name, {.label = "t"}, kActor);
                if (!token || !made->tokens().remove(token->row.id, name, kActor)) ++wrong;
                if (!made->sessions().close(session->session.secret, {name, ""})) ++wrong;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(must(made->sessions().list("")).empty());
    const AuditCheck check = must(made->audit().verify());
    CHECK(check.is_ok);
    CHECK(check.rows == 5 + 4 * 10 * 5);
}

TEST_CASE("a restart does not end the wait of who guesses, and a right password does") {
    MadeGate made;
    made.add("mika");
    const auto guess = [&](std::string_view password) {
        return must(made->sign_in("mika", password, kClient));
    };
    while (guess("wrong").state == SignIn::State::refused) continue;
    made.open();
    CHECK(guess(kPassword).state == SignIn::State::throttled);
    CHECK(must(made->sign_in("mika", kPassword, {"192.0.2.99", "Browser"})).state ==
          SignIn::State::signed_in);
    made.pass(std::chrono::minutes(6));
    CHECK(guess(kPassword).state == SignIn::State::signed_in);
    made.open();
    CHECK(guess("wrong").state == SignIn::State::refused);
    CHECK(guess("wrong").state == SignIn::State::refused);
    CHECK(guess(kPassword).state == SignIn::State::signed_in);
}

TEST_CASE("what is kept of waits is bounded and ends") {
    auto options = MadeGate::cheap();
    options.throttle.free_by_name = 1;
    options.throttle.most = 10;
    MadeGate made(options);
    made.add("mika");
    for (int i = 0; i < 150; ++i) {
        const Client client{fmt::format("198.51.100.{}", i), "Browser"};
        CHECK(must(made->sign_in("mika", "wrong", client)).state == SignIn::State::refused);
        made.pass(std::chrono::milliseconds(1));
    }
    const auto rows = [&] {
        auto database = must(sqlite::Database::open(made.file(), sqlite::Mode::write));
        return must(database.number("SELECT count(*) FROM throttle"));
    };
    CHECK(rows() < 120);
    made.open();
    CHECK(rows() == 10);
    made.pass(std::chrono::hours(2));
    made.open();
    CHECK(rows() == 0);
}

}  // namespace yagura::auth
