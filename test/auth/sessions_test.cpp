#include "auth/sessions.h"

#include "auth/made.h"

namespace yagura::auth {

using namespace std::chrono_literals;

namespace {

bool is_signed_in(MadeGate& made, const NewSession& session) {
    return must(made->sessions().find(session.secret)).has_value();
}

}  // namespace

TEST_CASE("a session ends half an hour after its last use") {
    MadeGate made;
    made.add("mika");
    const NewSession session = made.signed_in("mika");
    for (int i = 0; i < 10; ++i) {
        made.pass(29min);
        CHECK(is_signed_in(made, session));
    }
    made.pass(30min);
    CHECK(!is_signed_in(made, session));
    CHECK(!is_signed_in(made, session));
    CHECK(must(made->sessions().list("")).empty());
}

TEST_CASE("a session ends twelve hours after its beginning, however busy it is") {
    MadeGate made;
    made.add("mika");
    const NewSession session = made.signed_in("mika");
    for (int i = 0; i < 12 * 4 - 1; ++i) {
        made.pass(15min);
        CHECK(is_signed_in(made, session));
    }
    made.pass(15min);
    CHECK(!is_signed_in(made, session));
}

TEST_CASE("a session outlives a restart") {
    MadeGate made;
    made.add("mika");
    const NewSession session = made.signed_in("mika");
    made.open();
    CHECK(is_signed_in(made, session));
    CHECK(must(made->sessions().find(session.secret))->csrf == session.who.csrf);
}

TEST_CASE("what a session may do follows its person at once") {
    MadeGate made;
    made.add("mika", Role::responder);
    const NewSession session = made.signed_in("mika");
    must(made->people().change(
        "mika", {.role = Role::viewer, .accounts = AccountScope::of({"111111111111"})}, kActor));
    const Principal who = *must(made->sessions().find(session.secret));
    CHECK(who.role == Role::viewer);
    CHECK(!who.may(Role::analyst));
    CHECK(who.accounts == AccountScope::of({"111111111111"}));
}

TEST_CASE("sessions end with their person, when disabled and when the password is set anew") {
    MadeGate made;
    made.add("a");
    made.add("b");
    made.add("c");
    const NewSession a = made.signed_in("a"), b = made.signed_in("b"), c = made.signed_in("c");
    must(made->people().remove("a", kActor));
    must(made->people().change("b", {.is_disabled = true}, kActor));
    must(made->people().change("c", {.password = std::string(kOtherPassword)}, kActor));
    for (const NewSession* session : {&a, &b, &c}) CHECK(!is_signed_in(made, *session));
    // And do not come back with them.
    must(made->people().change("b", {.is_disabled = false}, kActor));
    made.add("a");
    for (const NewSession* session : {&a, &b}) CHECK(!is_signed_in(made, *session));
}

TEST_CASE("signing in gives a new secret and ends the session the browser had") {
    MadeGate made;
    made.add("mika");
    const NewSession before = made.signed_in("mika");
    const SignIn again = must(made->sign_in("mika", kPassword, kClient, before.secret));
    CHECK(again.session.secret != before.secret);
    CHECK(again.session.who.session != before.who.session);
    CHECK(again.session.who.csrf != before.who.csrf);
    CHECK(!is_signed_in(made, before));
    // A secret planted in the browser is worth nothing, before and after.
    const std::string planted(43, 'A');
    const SignIn fixed = must(made->sign_in("mika", kPassword, kClient, planted));
    CHECK(fixed.session.secret != planted);
    CHECK(!must(made->sessions().find(planted)));
}

TEST_CASE("nothing but the secret itself opens a session") {
    MadeGate made;
    made.add("mika");
    const NewSession session = made.signed_in("mika");
    std::string other = session.secret;
    other[0] = other[0] == 'A' ? 'B' : 'A';
    for (const std::string& wrong : {std::string(),
                                     other,
                                     session.secret + "=",
                                     session.secret.substr(1),
                                     session.who.session,
                                     session.who.csrf,
                                     kept_form(session.secret),
                                     std::string("' OR 1=1 --"),
                                     std::string(1 << 16, 'x')})
        CHECK(!must(made->sessions().find(wrong)));
}

TEST_CASE("a person has so many sessions, and the least used goes first") {
    MadeGate made;
    made.add("mika");
    std::vector<NewSession> sessions;
    for (int i = 0; i < 10; ++i) {
        made.pass(61s);
        sessions.push_back(made.signed_in("mika"));
    }
    made.pass(61s);
    CHECK(is_signed_in(made, sessions[0]));  // used just now
    made.pass(61s);
    sessions.push_back(made.signed_in("mika"));
    CHECK(is_signed_in(made, sessions[0]));
    CHECK(!is_signed_in(made, sessions[1]));
    CHECK(is_signed_in(made, sessions[10]));
    CHECK(must(made->sessions().list("mika")).size() == 10);
}

TEST_CASE("sessions are listed with what tells them apart, and ended one by one") {
    MadeGate made;
    made.add("mika");
    made.add("ken");
    const NewSession mine = made.signed_in("mika");
    const NewSession his = made.signed_in("ken");
    const auto all = must(made->sessions().list(""));
    CHECK(all.size() == 2);
    const auto of_mika = must(made->sessions().list("mika"));
    REQUIRE(of_mika.size() == 1);
    CHECK(of_mika[0].id == mine.who.session);
    CHECK(of_mika[0].address == "192.0.2.7");
    CHECK(of_mika[0].user_agent == "Browser/1.0");
    CHECK(code_of(made->sessions().revoke(his.who.session, "mika", kActor)) == Code::not_found);
    CHECK(is_signed_in(made, his));
    must(made->sessions().revoke(his.who.session, "", kActor));
    CHECK(!is_signed_in(made, his));
    CHECK(code_of(made->sessions().revoke(his.who.session, "", kActor)) == Code::not_found);
}

TEST_CASE("a browser that calls itself something huge or broken costs little") {
    MadeGate made;
    made.add("mika");
    must(made->sign_in("mika", kPassword, {"192.0.2.7", std::string(100'000, '\xFF')}));
    CHECK(must(made->sessions().list("mika"))[0].user_agent.size() <= 256);
}

TEST_CASE("signing out twice is fine and told once") {
    MadeGate made;
    made.add("mika");
    const NewSession session = made.signed_in("mika");
    const int64_t rows = must(made->audit().page(1, 0)).total;
    must(made->sessions().close(session.secret, {"mika", ""}));
    must(made->sessions().close(session.secret, {"mika", ""}));
    CHECK(!is_signed_in(made, session));
    CHECK(must(made->audit().page(1, 0)).total == rows + 1);
}

TEST_CASE("another program at the same file is heard at once") {
    MadeGate made;
    made.add("mika");
    const NewSession session = made.signed_in("mika");
    const auto other = must(Gate::open(made.lake(), MadeGate::cheap()));
    must(other->people().change("mika", {.is_disabled = true}, kActor));
    CHECK(!is_signed_in(made, session));
    CHECK(must(made->audit().verify()).is_ok);
    made.add("ken");
    CHECK(must(other->audit().verify()).is_ok);
}

}  // namespace yagura::auth
