// What is said when the command line itself is wrong.
#include "cli/program.h"

using namespace yagura::cli;

namespace {

struct Wrong {
    const char* words;
    const char* english;
    const char* japanese;
};

constexpr Wrong kWrong[] = {
    {"", "a command is missing; one of: scan,", "コマンドを指定してください: scan,"},
    {"scna",
     "there is no command 'scna' (did you mean 'scan'?)",
     "'scna' というコマンドはありません（'scan' ではありませんか？）"},
    {"rules lits",
     "there is no command 'lits' (did you mean 'list'?)",
     "'lits' というコマンドはありません（'list' ではありませんか？）"},
    {"scan", "PATH is missing", "PATH を指定してください"},
    {"scan --fromat csv",
     "there is no option --fromat (did you mean '--format'?)",
     "--fromat というオプションはありません（'--format' ではありませんか？）"},
    {"scan x --frmo=1d", "there is no option --frmo (did you mean '--from'?)", "'--from'"},
    {"scan x -z", "there is no option -z\n", "-z というオプションはありません\n"},
    {"version extra", "'extra' is one argument too many", "余分な引数です: 'extra'"},
    {"scan x --from", "--from needs a value", "--from には値が必要です"},
    {"scan x -f cvs",
     "--format cannot be 'cvs'; one of: csv, jsonl,",
     "--format に 'cvs' は指定できません。指定できる値: csv, jsonl,"},
    {"scan x -j 0",
     "--threads must be a number from 1 to 1024, not '0'",
     "--threads には 1 から 1024 までの数を指定してください（'0' は指定できません）"},
    {"summary x -n ten",
     "--principals must be a whole number, not 'ten'",
     "--principals には整数を指定してください（'ten' は指定できません）"},
    {"simulate key-leak -o x --seed -1",
     "--seed must be a whole number, not '-1'",
     "--seed には整数を指定してください（'-1' は指定できません）"},
    {"summary x --principals=-1", "--principals must be a whole number, not '-1'", "'-1'"},
    {"rules test --since 3d",
     "--since works only together with --lake",
     "--since は --lake と同時に指定してください"},
    {"query --lake x --since 3d --from 1d q",
     "--from and --since cannot be used together",
     "--from と --since は同時に指定できません"},
    {"rules list --tactic persistance", "(did you mean 'persistence'?)", "'persistence'"},
};

}  // namespace

TEST_CASE("a wrong command line is told in one sentence, in the reader's language") {
    const Workshop shop;
    for (const Wrong& wrong : kWrong) {
        CAPTURE(wrong.words);
        const Run english = shop.run(wrong.words);
        CHECK(english.exit_code == 2);
        CHECK(english.out.empty());
        CHECK_MESSAGE(has(english.err, wrong.english), english.err);
        CHECK(has(english.err, "--help' tells how to use it.\n"));
        const Run japanese = shop.run(wrong.words, "LC_ALL=ja_JP.UTF-8");
        CHECK(japanese.exit_code == 2);
        CHECK_MESSAGE(has(japanese.err, wrong.japanese), japanese.err);
        CHECK(has(japanese.err, "--help' で確認できます。\n"));
    }
}

TEST_CASE("what was typed reaches the terminal without its control characters") {
    const Workshop shop;
    for (const char* words : {"scan $'--\\e[31mred'", "$'\\e]0;title\\a'", "scan x -f $'\\e[2J'"}) {
        const Run run = shop.shell(fmt::format("bash -c \"'{}' {}\"", YAGURA_PROGRAM, words));
        CHECK(run.exit_code == 2);
        CHECK_FALSE(has(run.err, "\x1b"));
    }
}

TEST_CASE("help speaks the reader's language, headings too") {
    const Workshop shop;
    CHECK(has(shop.run("scan --help").out, "\nArguments:\n"));
    const Run run = shop.run("--lang ja --help");
    CHECK(run.exit_code == 0);
    for (const char* heading :
         {"使い方: yagura [オプション] コマンド", "\nオプション:\n", "\nコマンド:\n"})
        CHECK(has(run.out, heading));
}

TEST_CASE("--version is what the command says") {
    const Workshop shop;
    CHECK(shop.run("--version").out == shop.run("version").out);
    CHECK(shop.run("--version").exit_code == 0);
}

TEST_CASE("completion offers the values of an option, and is what its shell can read") {
    const Workshop shop;
    shop.write("bash", shop.run("completion bash").out);
    const Run run = shop.shell(
        "bash -c 'source ./bash; complete_words() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($#-1)); "
        "COMPREPLY=(); _yagura; echo \"${COMPREPLY[*]}\"; }; complete_words yagura scan -f h; "
        "complete_words yagura rules lint --lang \"\"; complete_words yagura summ; "
        "complete_words yagura simulate k; complete_words yagura completion z; "
        "complete_words yagura rules lint --he'");
    CHECK(run.out == "html\nen ja\nsummary\nkey-leak\nzsh\n--help\n");
    for (const char* shell : {"zsh", "fish"}) {
        if (shop.shell(fmt::format("command -v {}", shell)).exit_code != 0) {
            MESSAGE(shell << " is not installed; skipped");
            continue;
        }
        shop.write(shell, shop.run(fmt::format("completion {}", shell)).out);
        CHECK(shop.shell(fmt::format("{0} -n {0}", shell)).err.empty());
    }
}
