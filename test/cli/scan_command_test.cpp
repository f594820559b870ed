// The program as a person runs it: exit codes, what goes to which stream, and files.
#include <algorithm>
#include <string>

#include "cli/program.h"
#include "cli/screen.h"

using namespace yagura;

namespace {

using cli::Run;

// A folder with one CloudTrail file and one rule that meets it.
struct Folder : cli::Workshop {
    Folder() {
        write(
            "logs/a.json",
            R"({"Records":[{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventID":"6b7e2f00-0000-4000-8000-000000000001","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"=cmd","recipientAccountId":"111122223333","eventType":"AwsApiCall","userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333"}}]})");
        write("rule.yml", R"(title: Logging was stopped
id: 6b7e2f00-0000-4000-8000-0000000000aa
author: Somebody
status: test
logsource: {product: aws, service: cloudtrail}
detection:
  stop: {eventName: StopLogging}
  condition: stop
level: high
tags: [attack.defense-evasion]
)");
    }
    Run scan(const std::string& arguments) const {
        return run("scan --no-default-rules -r rule.yml " + arguments);
    }
};

}  // namespace

TEST_CASE("the summary is the output unless details are") {
    const Folder folder;
    const Run summary = folder.scan("logs");
    CHECK(summary.exit_code == 0);
    CHECK(summary.out.find("What happened") != std::string::npos);
    CHECK(summary.out.find("Logging was stopped") != std::string::npos);
    CHECK(summary.out.find("by Somebody") != std::string::npos);
    CHECK(summary.err.empty());
    const Run piped = folder.scan("logs -f jsonl");
    CHECK(piped.exit_code == 0);
    CHECK(piped.out.starts_with("{\"time\":\"2024-05-01T10:00:00Z\",\"rule_id\":"));
    CHECK(std::count(piped.out.begin(), piped.out.end(), '\n') == 1);
    CHECK(piped.err.find("What happened") != std::string::npos);
    CHECK(folder.scan("logs -f jsonl -q").err.empty());
}

TEST_CASE("the form follows the name of the file, and numbers go where they are sent") {
    const Folder folder;
    CHECK(folder.scan("logs -o x.html --summary-json n.json").exit_code == 0);
    CHECK(folder.read("x.html").starts_with("<!doctype html>"));
    CHECK(folder.read("n.json").find("\"matches\":1,\"findings\":1") != std::string::npos);
    CHECK(folder.scan("logs -o x.csv --profile-columns suzaku --bom").exit_code == 0);
    CHECK(folder.read("x.csv").starts_with("\xEF\xBB\xBFTimestamp,RuleTitle,RuleAuthor,Level,"));
    CHECK(folder.read("x.csv").find(",'=cmd,") != std::string::npos);
}

TEST_CASE("with --explain a match says why, and without it nothing is looked at") {
    const Folder folder;
    folder.write("rule.yml", R"(title: Logging was stopped
id: 6b7e2f00-0000-4000-8000-0000000000aa
status: test
logsource: {product: aws, service: cloudtrail}
detection:
  stop: {eventName: [DeleteTrail, stoplogging]}
  known: {userAgent|contains: terraform}
  condition: stop and not known
level: high
)");
    const Run told = folder.scan("logs -f jsonl --explain");
    CHECK(told.exit_code == 0);
    CHECK(
        told.out.find(
            R"("why":[{"field":"eventName","asked":"eventName is \"stoplogging\"","value":"StopLogging"},)"
            R"({"field":"userAgent","asked":"userAgent contains \"terraform\"","holds":false,"value":"=cmd"}]})") !=
        std::string::npos);
    CHECK(folder.scan("logs -f jsonl").out.find("why") == std::string::npos);
    CHECK(folder.scan("logs --explain").exit_code == 2);
    CHECK(folder.scan("logs -f csv --explain").exit_code == 2);
}

TEST_CASE("the matches by rule sum to the matches; those of silent rules are tags") {
    const Folder folder;
    folder.write("rule.yml", R"(title: Logging was stopped
id: 6b7e2f00-0000-4000-8000-0000000000aa
status: test
logsource: {product: aws, service: cloudtrail}
detection:
  stop: {eventName: StopLogging}
  condition: stop
level: low
---
title: Often
id: 6b7e2f00-0000-4000-8000-0000000000bb
status: test
level: high
correlation:
  type: event_count
  rules: 6b7e2f00-0000-4000-8000-0000000000aa
  timespan: 5m
  condition: {gte: 1}
)");
    const Run run = folder.scan("logs --summary-json -");
    CHECK(run.out.find("\"matches\":1,") != std::string::npos);
    CHECK(run.out.find(R"("by_rule":{"6b7e2f00-0000-4000-8000-0000000000bb":1})") !=
          std::string::npos);
    CHECK(run.out.find(R"("tags_by_rule":{"6b7e2f00-0000-4000-8000-0000000000aa":1})") !=
          std::string::npos);
}

TEST_CASE("exit codes say what came of it") {
    const Folder folder;
    CHECK(folder.scan("logs --fail-level high").exit_code == 3);
    CHECK(folder.scan("logs --fail-level critical").exit_code == 0);
    CHECK(folder.scan("logs -m nonsense").exit_code == 2);
    CHECK(folder.scan("logs --from yesterdayish").exit_code == 2);
    CHECK(folder.scan("").exit_code == 2);
    CHECK(folder.scan("nowhere").exit_code == 1);
    CHECK(folder.scan("logs -f csv -o none/x.csv").exit_code == 1);
    folder.write("logs/b.json", "{\"Records\":[{\"eventVersion\":\"1.08\", broken");
    const Run partial = folder.scan("logs");
    CHECK(partial.exit_code == 4);
    CHECK(partial.out.find("b.json") != std::string::npos);
    CHECK(folder.scan("logs --fail-level low").exit_code == 3);
}

TEST_CASE("a time range leaves events out of the matches, not out of the count") {
    const Folder folder;
    const Run run = folder.scan("logs --from 2024-06-01 --summary-json -");
    CHECK(run.out.find("\"records\":1,") != std::string::npos);
    CHECK(run.out.find("\"matches\":0,") != std::string::npos);
}

TEST_CASE("summary names what each principal did") {
    const Folder folder;
    const Run table = folder.run("summary logs");
    CHECK(table.exit_code == 0);
    CHECK(table.out.find("cloudtrail:StopLogging") != std::string::npos);
    CHECK(folder.run("summary logs -f csv").out.find(",user_agents,'=cmd,1,") != std::string::npos);
}

TEST_CASE("completion scripts are valid and know every command") {
    const Folder folder;
    folder.write("c.bash", folder.run("completion bash").out);
    CHECK(folder.read("c.bash").find("--summary-json") != std::string::npos);
    CHECK(folder.shell("bash -n c.bash").exit_code == 0);
    CHECK(folder.run("completion zsh").out.starts_with("#compdef yagura"));
    CHECK(folder.run("completion fish").out.find("-l summary-json") != std::string::npos);
    CHECK(folder.run("version --json").out.starts_with("{\"name\":\"yagura\",\"version\":\""));
}

TEST_CASE("the progress line says how far, how fast and how long, and fits") {
    const pipeline::Progress progress{
        .objects_done = 50, .objects = 200, .bytes_done = 25, .bytes = 100, .records = 10'000};
    const std::string text = cli::progress_text(progress, 10, 120);
    CHECK(text.find("25%") != std::string::npos);
    CHECK(text.find("50/200 files") != std::string::npos);
    CHECK(text.find("10,000 records") != std::string::npos);
    CHECK(text.find("1,000/s") != std::string::npos);
    CHECK(text.find("0:30 left") != std::string::npos);
    CHECK(cli::progress_text(progress, 10, 20).find("█") == 0);
    CHECK(cli::progress_text({}, 0, 80).find("0%") != std::string::npos);
}
