#include "pipeline/rule_keeper.h"

#include <utility>

#include "rule/context.h"
#include "source/folder_watch.h"

namespace yagura::pipeline {
namespace {

constexpr std::chrono::milliseconds kWait{100};

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

}  // namespace

CompiledRules::CompiledRules(std::shared_ptr<const rule::RuleSet> set, match::Policy wanted)
    : rules(std::move(set)),
      policy(std::move(wanted)),
      view(rules->rules, rules->correlations, rules->first_seen),
      targets(view),
      streams(targets, view, &policy, current_time()),
      plans(
          rules->rules,
          {.collect_extra = true, .targets = &targets, .policy = &policy, .now = current_time()}) {}

Result<std::unique_ptr<RuleKeeper>> RuleKeeper::start(Options options) {
    if (!options.source.read) {
        YAGURA_TRY(auto loaded, rule::LiveRules::load(options.rules));
        const auto live = std::make_shared<rule::LiveRules>(std::move(loaded));
        options.source.read = [live] { return live->reload(); };
        options.source.paths = [live] { return live->paths(); };
    }
    auto keeper = std::unique_ptr<RuleKeeper>(new RuleKeeper(std::move(options)));
    RuleNews first = keeper->load();
    if (!first.rules) return *first.error;
    keeper->current_ = first.rules;
    if (first.error) keeper->news_ = std::move(first);
    keeper->thread_ =
        std::jthread([raw = keeper.get()](const std::stop_token& stop) { raw->run(stop); });
    return keeper;
}

RuleKeeper::RuleKeeper(Options options) : options_(std::move(options)) {}
RuleKeeper::~RuleKeeper() = default;

std::shared_ptr<const CompiledRules> RuleKeeper::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

std::optional<RuleNews> RuleKeeper::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, std::nullopt);
}

uint64_t RuleKeeper::reload() {
    const std::lock_guard lock(mutex_);
    return ++asked_;
}

match::Policy RuleKeeper::load_policy(std::optional<Error>& error) {
    std::vector<std::filesystem::path> present;
    for (const auto& path : options_.context) {
        if (is_there(path)) present.push_back(path);
    }
    if (present.empty()) return options_.policy;
    std::vector<Diagnostic> problems;
    auto lists = rule::load_lists(options_.rules.lists, problems);
    auto context =
        lists ? rule::load_context(present, *lists) : Result<rule::Context>(lists.error());
    if (!context) {
        error = context.error();
        return policy_;
    }
    match::Policy policy = options_.policy;
    const auto add = [](auto& to, const auto& from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    add(policy.exceptions, context->policy.exceptions);
    add(policy.changes, context->policy.changes);
    add(policy.throttles, context->policy.throttles);
    return policy;
}

RuleNews RuleKeeper::load() {
    auto reload = options_.source.read();
    if (!reload) return {nullptr, {}, reload.error()};
    RuleNews news{.rules = nullptr, .reload = *reload, .error = {}};
    policy_ = load_policy(news.error);
    news.rules = std::make_shared<const CompiledRules>(reload->rules, policy_);
    return news;
}

void RuleKeeper::run(const std::stop_token& stop) {
    std::vector<std::string> watched;
    std::optional<source::FolderWatch> watch;
    uint64_t answered = 0;
    while (!stop.stop_requested()) {
        // Files and folders may come later than we do.
        std::vector<std::string> paths = options_.source.paths();
        for (const auto& path : options_.context) {
            if (is_there(path)) paths.push_back(path.string());
        }
        bool is_changed = watch && paths != watched;
        if (!watch || paths != watched) {
            auto opened = source::FolderWatch::open(paths, {.poll = options_.poll});
            if (opened) watch.emplace(std::move(*opened));
            watched = std::move(paths);
        }
        if (watch) {
            const auto changes = watch->wait(kWait);
            is_changed = is_changed || (changes && !changes->empty());
        } else {
            std::this_thread::sleep_for(kWait);
        }
        const uint64_t asked = [this] {
            const std::lock_guard lock(mutex_);
            return asked_;
        }();
        if (!is_changed && asked == answered) continue;
        RuleNews news = load();
        news.asked = answered = asked;
        const std::lock_guard lock(mutex_);
        if (news.rules) current_ = news.rules;
        news_ = std::move(news);  // the later one knows everything the earlier one knew
    }
}

}  // namespace yagura::pipeline
