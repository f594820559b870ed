#include "rule/samples.h"

#include <fstream>
#include <memory>
#include <span>

#include "base/fault.h"
#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "event/json_document.h"
#include "match/program.h"
#include "match/slow.h"

namespace yagura::rule {

namespace fs = std::filesystem;
using event::JsonDocument;
using event::Kind;
using event::PaddedText;
using event::ValueView;
using logtype::LogType;

namespace {

std::string described(const Fault& fault) {
    return std::string(fault_sentence(fault.code, language()));
}

// Appends the members of the array at `at`.
std::optional<Fault> read_records(JsonDocument& document,
                                  uint32_t& at,
                                  bool must_match,
                                  std::vector<Sample>& out) {
    const Fault misshapen{FaultCode::bad_json, document.offset(at)};
    if (at >= document.size() || document.at(at) != '[') return misshapen;
    ++at;
    while (at < document.size() && document.at(at) != ']') {
        ValueView value;
        if (const auto fault = document.read(at, value)) return fault;
        Sample sample{"", must_match};
        if (value.kind == Kind::string) {
            event::append_unescaped(sample.record, value.text());
        } else {
            sample.record = value.text();
        }
        out.push_back(std::move(sample));
        if (at < document.size() && document.at(at) == ',') ++at;
    }
    ++at;
    return std::nullopt;
}

// One log type's rules of one file, ready to be asked.
class Bench {
  public:
    Bench(const LogType& type, std::span<const match::Rule* const> rules)
        : type_(type), rules_(rules), program_(type, rules), plan_(type.dictionary()) {
        program_.want_fields(plan_);
        plan_.freeze();
        evaluator_.emplace(program_, plan_);
    }

    struct Answer {
        bool fast = false;
        bool slow = false;
    };

    // Whether any rule matches, by each evaluator.
    Result<Answer> ask(std::string_view record) {
        event_.reset(plan_);
        const PaddedText padded(record);
        const auto fault =
            type_.shape == logtype::Shape::json ? read_json(padded) : read_text(padded);
        if (fault) return fail(Code::invalid, described(*fault));
        std::vector<uint32_t> hits;
        evaluator_->match(event_, hits);
        Answer answer{!hits.empty(), false};
        for (const match::Rule* rule : rules_)
            answer.slow |= match::matches_slowly(*rule, event_, type_.shape);
        return answer;
    }

  private:
    std::optional<Fault> read_json(const PaddedText& padded) {
        if (const auto fault = document_.index(padded.view())) return fault;
        uint32_t at = 0;
        if (document_.size() == 0) return Fault{FaultCode::bad_json, 0};
        if (const auto fault = event::walk_record(document_, at, event_)) return fault;
        return type_.finish(event_, {});
    }

    std::optional<Fault> read_text(const PaddedText& padded) {
        std::string_view line = padded.view();
        std::vector<int> order;
        const size_t end = line.find('\n');
        if (end != std::string_view::npos && type_.read_header(line.substr(0, end), order)) {
            line.remove_prefix(end + 1);
        }
        return type_.read_line(line, order, event_, {});
    }

    const LogType& type_;
    std::span<const match::Rule* const> rules_;
    match::Program program_;
    event::FieldPlan plan_;
    std::optional<match::Evaluator> evaluator_;
    event::Event event_;
    JsonDocument document_;
};

// The rules of one file with the samples beside it.
class FileCheck {
  public:
    FileCheck(std::span<const match::Rule> rules, SampleReport& report) : report_(report) {
        for (const match::Rule& rule : rules) rules_.push_back(&rule);
    }

    void run(const std::vector<Sample>& samples) {
        std::vector<const LogType*> types;
        for (const LogType* type : logtype::all()) {
            if (rules_[0]->source.covers(type->logsource)) types.push_back(type);
        }
        if (types.empty()) return note(say(message::samples_no_log_type));
        ++report_.files;
        size_t numbers[2] = {0, 0};
        for (const Sample& sample : samples) {
            ++report_.samples;
            const size_t number = ++numbers[sample.must_match];
            if (const LogType* type = type_of(sample.record, types)) {
                ask(bench_of(*type), sample, number);
            } else {
                note(say(message::samples_unrecognised, list_name(sample), number));
            }
        }
    }

    void note(std::string sentence) {
        report_.failures.push_back(
            {rules_[0]->info.file, rules_[0]->info.title, std::move(sentence)});
    }

  private:
    static std::string_view list_name(const Sample& sample) {
        return sample.must_match ? "match" : "no_match";
    }

    // A rule about one log type needs no guessing; one about several goes by what the record looks
    // like.
    static const LogType* type_of(std::string_view record,
                                  const std::vector<const LogType*>& types) {
        if (types.size() == 1) return types[0];
        const LogType* best = nullptr;
        int best_score = 49;
        for (const LogType* type : types) {
            const int score = type->recognise(record.substr(0, record.find('\n')), {});
            if (score > best_score) {
                best = type;
                best_score = score;
            }
        }
        return best;
    }

    Bench& bench_of(const LogType& type) {
        for (auto& [known, bench] : benches_) {
            if (known == &type) return *bench;
        }
        return *benches_.emplace_back(&type, std::make_unique<Bench>(type, rules_)).second;
    }

    void ask(Bench& bench, const Sample& sample, size_t number) {
        const auto answer = bench.ask(sample.record);
        if (!answer) {
            note(say(
                message::samples_unreadable, list_name(sample), number, answer.error().sentence()));
        } else if (answer->fast != answer->slow) {
            note(say(message::samples_evaluators_differ, list_name(sample), number));
        } else if (answer->fast != sample.must_match) {
            note(say(sample.must_match ? message::samples_missed : message::samples_matched,
                     list_name(sample),
                     number));
        }
    }

    SampleReport& report_;
    std::vector<const match::Rule*> rules_;
    std::vector<std::pair<const LogType*, std::unique_ptr<Bench>>> benches_;
};

}  // namespace

fs::path sample_file_of(const fs::path& rule_file) {
    return fs::path(rule_file).replace_extension(".test.json");
}

Result<std::vector<Sample>> read_samples(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fail(Code::not_found,
                    say(message::cannot_open, file.string(), say(message::rule_file_unreadable)));
    std::string bytes(event::kMaxRecordBytes + 1, '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(stream.gcount()));
    if (bytes.size() > event::kMaxRecordBytes) {
        return fail(Code::limit,
                    say(message::samples_size, file.string(), human_bytes(event::kMaxRecordBytes)));
    }
    const PaddedText text(bytes);
    JsonDocument document;
    std::optional<Fault> fault = document.index(text.view());
    std::vector<Sample> samples;
    for (const bool must_match : {true, false}) {
        if (fault) break;
        const auto list =
            document.size() ? document.find(0, must_match ? "match" : "no_match") : std::nullopt;
        const size_t before = samples.size();
        uint32_t at = list.value_or(0);
        if (list) fault = read_records(document, at, must_match, samples);
        if (!fault && samples.size() == before) {
            return fail(Code::invalid,
                        say(message::samples_empty, must_match ? "match" : "no_match"));
        }
    }
    if (fault) return fail(Code::invalid, described(*fault));
    return samples;
}

SampleReport check_samples(const RuleSet& rules, const SampleOptions& options) {
    SampleReport report;
    const std::span<const match::Rule> all = rules.rules;
    for (size_t from = 0, to = 0; from < all.size(); from = to) {
        while (to < all.size() && all[to].info.file == all[from].info.file) ++to;
        FileCheck check(all.subspan(from, to - from), report);
        const fs::path file = sample_file_of(all[from].info.file);
        std::error_code ignored;
        if (!fs::exists(file, ignored)) {
            ++report.untested;
            if (options.required)
                check.note(say(message::samples_missing, file.filename().string()));
            continue;
        }
        if (const auto samples = read_samples(file)) {
            check.run(*samples);
        } else {
            check.note(file.filename().string() + ": " + samples.error().sentence());
        }
    }
    return report;
}

}  // namespace yagura::rule
