// `yagura user`: people, tokens and the audit log of a console.
#include "cli/program.h"

using namespace yagura::cli;

namespace {

const char* const kPassword = "correct horse battery";

// `words` after "user", with the password on standard input.
Run with_password(const Workshop& shop, const std::string& words, const std::string& password) {
    shop.write("password", password + "\n");
    return shop.shell(
        fmt::format("LC_ALL=C.UTF-8 '{}' user {} --lake lake --password-stdin <password",
                    YAGURA_PROGRAM,
                    words));
}

// A lake's folder with an administrator.
struct Console : Workshop {
    Console() {
        write("lake/.keep", "");
        REQUIRE(with_password(*this, "add Root --role admin", kPassword).exit_code == 0);
    }
    Run user(const std::string& words) const { return run("user " + words + " --lake lake"); }
};

}  // namespace

TEST_CASE("a user is added with the password from standard input, listed and removed") {
    const Console shop;
    const Run added = with_password(
        shop, "add mika --role analyst --account 222222222222 --account 111111111111", kPassword);
    CHECK(added.exit_code == 0);
    CHECK(has(added.out, "mika was added as analyst\n"));
    CHECK(shop.user("list").out ==
          "Name  Role     State    Last login  Accounts\n"
          "mika  analyst  enabled  never       111111111111 222222222222\n"
          "root  admin    enabled  never       all\n");
    CHECK(has(shop.user("list -f jsonl").out,
              R"({"name":"mika","role":"analyst","accounts":["111111111111","222222222222"],)"));
    CHECK(shop.user("remove MIKA").exit_code == 0);
    CHECK_FALSE(has(shop.user("list").out, "mika"));
    CHECK(shop.user("remove mika").exit_code == 2);
}

TEST_CASE("what cannot be is refused with a sentence and the exit code for it") {
    const Console shop;
    const Run taken = with_password(shop, "add root --role viewer", kPassword);
    CHECK(taken.exit_code == 2);
    CHECK(taken.err == "yagura: there is already a user 'root'\n");
    CHECK(with_password(shop, "add mika --role viewer", "short").exit_code == 2);
    CHECK(with_password(shop, "add mika --role viewer", std::string(1025, 'x')).exit_code == 2);
    CHECK(with_password(shop, "add 'mi ka' --role viewer", kPassword).exit_code == 2);
    CHECK(with_password(shop, "add mika --role owner", kPassword).exit_code == 2);
    CHECK(with_password(shop, "add mika", kPassword).exit_code == 2);
    CHECK(shop.user("remove root").err ==
          "yagura: nobody would be left to administrate; make somebody else an administrator "
          "first\n");
    CHECK(has(shop.user("--lang ja remove root").err, "管理者がいなくなります"));
    CHECK(shop.run("user list --lake elsewhere").err == "yagura: elsewhere is not a folder\n");
    CHECK(shop.user("list").out.find("mika") == std::string::npos);
}

TEST_CASE("without a terminal the password has to come from standard input") {
    const Console shop;
    const Run run = shop.shell(
        fmt::format("LC_ALL=C.UTF-8 setsid -w '{}' user passwd root --lake lake", YAGURA_PROGRAM));
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "--password-stdin"));
}

TEST_CASE("a terminal is asked twice and shows nothing of what is typed") {
    const Console shop;
    if (shop.shell("command -v python3").exit_code != 0) {
        MESSAGE("python3 is not there; skipped");
        return;
    }
    shop.write("type.py", R"(
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], ['yagura', 'user', 'passwd', 'root', '--lake', 'lake'])
shown = b''
for answer in sys.argv[2:]:
    while not shown.endswith(b': '):
        shown += os.read(terminal, 1000)
    os.write(terminal, answer.encode().decode('unicode_escape').encode('latin-1'))
    shown += b'|'
try:
    while part := os.read(terminal, 1000):
        shown += part
except OSError:
    pass
print(shown.decode().replace('\r', ''), end='')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
)");
    const auto type = [&](const std::string& answers) {
        return shop.shell(
            fmt::format("LC_ALL=C.UTF-8 python3 type.py '{}' {}", YAGURA_PROGRAM, answers));
    };
    const std::string asked = "Password for root: |\nThe same again: |\n";
    const Run set = type(R"('a phrase for mex\x7f\n' 'a phrase for me\n')");
    CHECK(set.exit_code == 0);
    CHECK(set.out == asked + "the password of root was set\n");
    const Run differ = type(R"('a phrase for me\n' 'a phrase for you\n')");
    CHECK(differ.exit_code == 2);
    CHECK(differ.out == asked + "yagura: the two passwords are not the same\n");
    CHECK(type(R"('a phra\x03')").exit_code == 130);
}

TEST_CASE("a token is printed once, alone on standard output") {
    const Console shop;
    const Run made = shop.user("token root --label export --role viewer --expires 90d");
    CHECK(made.exit_code == 0);
    CHECK(made.out.starts_with("yag_"));
    CHECK(made.out.size() == 4 + 43 + 1);
    const Run listed = shop.user("token root");
    CHECK(has(listed.out, "export"));
    CHECK(has(listed.out, "viewer"));
    CHECK_FALSE(has(listed.out, made.out.substr(4, 43)));
    const size_t line = listed.out.find('\n') + 1;
    const std::string id = listed.out.substr(line, 16);
    CHECK(shop.user("token root --remove " + id).exit_code == 0);
    CHECK(shop.user("token root --remove " + id).exit_code == 2);
    CHECK(shop.user("token root").err == "root has no tokens\n");
    CHECK(shop.user("token root --label x --expires soon").exit_code == 2);
    CHECK(shop.user("token nobody --label x").exit_code == 2);
}

TEST_CASE("the audit log tells who did what, and a change of it is found") {
    const Console shop;
    REQUIRE(with_password(shop, "passwd root", "another phrase for me").exit_code == 0);
    const Run sound = shop.user("audit");
    CHECK(sound.exit_code == 0);
    CHECK(has(sound.out, "user.change"));
    CHECK(has(sound.err, "the chain of 2 rows is sound; newest hash "));
    CHECK_FALSE(has(sound.out, "another phrase"));
    const Run changed = shop.shell(
        "python3 -c \"import sqlite3; c=sqlite3.connect('lake/console/auth.sqlite'); "
        "c.execute('DROP TRIGGER audit_is_not_changed'); "
        "c.execute('UPDATE audit SET who = 1 WHERE id = 1'); c.commit()\"");
    if (changed.exit_code != 0) {
        MESSAGE("python3 with sqlite3 is not there; skipped");
        return;
    }
    const Run broken = shop.user("audit");
    CHECK(broken.exit_code == 1);
    CHECK(broken.err == "yagura: row 1 of the audit log was changed\n");
}
