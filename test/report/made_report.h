// A small scan whose log values try everything: formulas, quotes, line breaks, escapes, bidi marks,
// markup.
#pragma once

#include "finding/made_hits.h"
#include "report/scan_report.h"

namespace yagura::report {

struct MadeReport {
    finding::MadeHits made;
    finding::HitCollector hits;
    finding::ScanTotals totals;

    MadeReport() : hits(std::make_shared<finding::HitLimits>(finding::Level::informational)) {
        using finding::Level;
        const auto& trail =
            made.rule("0a-trail", Level::critical, {"attack.defense-evasion", "attack.t1562.008"});
        made.last_rule().title = "Trail \"stopped\", </script><img src=x onerror=alert(1)>";
        made.last_rule().title_ja = "証跡ログが停止された";
        made.last_rule().description_ja = "証跡ログの停止";
        made.last_rule().false_positives_ja = {"計画された移行"};
        made.last_rule().author = "=HYPERLINK(\"http://example.invalid\"), A. Author";
        const auto& users =
            made.rule("0b-users", Level::medium, {"attack.persistence", "attack.discovery"});
        const auto& noise = made.rule("0c-noise", Level::informational);
        const auto& keys = made.rule("0d-keys", Level::high, {"attack.credential-access"});
        add(trail,
            {.seconds = 1'700'000'100,
             .name = "StopLogging",
             .principal = "=cmd|' /C calc'!A0",
             .event_id = "e1"});
        add(users,
            {.seconds = 1'700'000'200,
             .name = "CreateUser",
             .principal = "\x1b[31mred\x07\x1b]0;title\x07",
             .error_code = "AccessDenied",
             .event_id = "e2"});
        add(users,
            {.seconds = 1'700'003'700,
             .name = "Create\nUser",
             .principal = "\xE2\x80\xAE"
                          "evil\xE2\x80\xAC",
             .source_ip = "@SUM(1+1)",
             .user_agent = "-2+3, \"quoted\"\r\nnext",
             .event_id = "e3"});
        add(keys,
            {.seconds = 1'700'090'000,
             .name = "CreateAccessKey",
             .principal = "山田太郎",
             .source_ip = "2001:db8::1",
             .account = "444455556666",
             .region = "ap-northeast-1",
             .user_agent = "<!--<script>",
             .event_id = "e4"});
        for (int i = 0; i < 3; ++i)
            add(noise, {.seconds = 1'700'000'300 + i, .user_agent = "bad\xff\xfe utf8"});
        totals.objects = 3;
        totals.records = 9;
        totals.records_duplicate = 1;
        totals.bytes_in = 12'345;
        totals.bytes_inflated = 123'456;
        totals.quarantine.add_object("logs/\x1b[2Jbad.gz", {FaultCode::bad_compression, 17});
        totals.quarantine.add_record("logs/a.json", {FaultCode::bad_json, 4'096}, 2);
        hits.finish();
    }

    ScanReport report() {
        ScanReport report = make_report(hits, totals);
        report.rules = {120, 2};
        report.seconds = 1.5;
        report.inputs = {"logs; rm -rf"};
        report.made = from_micros(1'700'100'000'000'000);
        return report;
    }

  private:
    void add(const match::RuleInfo& rule, const finding::MadeEvent& event) {
        made.add(hits, rule, event);
        totals.count_event(made.fill(event), made.type());
    }
};

}  // namespace yagura::report
