//! What a check declares of itself, as data: order, needs and skips are derived from it.

use serde::{Deserialize, Serialize};

/// What a check declares of itself.
#[derive(Debug)]
pub struct About {
    /// Stable and kebab-case.
    pub id: &'static str,
    /// Reads after "found": actor, verb, object.
    pub title: &'static str,
    /// The practice that it belongs to.
    pub practice: Practice,
    /// The source file, whose doc comment is the check's page.
    pub source: &'static str,
    /// What one cell of it covers.
    pub grain: Grain,
    /// When it runs.
    pub phase: Phase,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// What it does to the target.
    pub effect: Effect,
    /// Whether others may run beside it.
    pub isolation: Isolation,
    /// The most requests that one cell may cost, confirmation included.
    pub budget: u32,
    /// How a violation is confirmed.
    pub confirm: Confirm,
    /// Its base severity, before facts adjust it.
    pub severity: Severity,
    /// How likely it is to find something, in percent: orders the work, decides nothing.
    pub chance: u8,
    /// Common Weakness Enumeration.
    pub cwe: &'static [u32],
    /// OWASP ids.
    pub owasp: &'static [&'static str],
    /// Web Fuzzing Commons fault code.
    pub wfc: Option<u32>,
    /// One issue a run, however many places show it.
    pub once: bool,
}

impl About {
    /// A check of one's own, and what is right for most of them: one cell for each operation, beside others, in the
    /// phase of inputs, run again three times, of medium severity. Change what is to be otherwise:
    ///
    /// ```
    /// use proofhouse::checks::{About, Practice, Severity};
    ///
    /// static ABOUT: About =
    ///     About { severity: Severity::High, ..About::of("coupon-twice", "a coupon that pays twice", Practice::Own) };
    /// ```
    pub const fn of(id: &'static str, title: &'static str, practice: Practice) -> Self {
        Self {
            id,
            title,
            practice,
            source: "",
            grain: Grain::Operation,
            phase: Phase::Input,
            needs: &[],
            effect: Effect::Writes,
            isolation: Isolation::Shared,
            budget: 40,
            confirm: Confirm::AT_ONCE,
            severity: Severity::Medium,
            chance: 20,
            cwe: &[],
            owasp: &[],
            wfc: None,
            once: false,
        }
    }

    /// The doc comment of the check's file: what `explain` shows.
    pub fn page(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        let text = lines.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or_default());
        text.collect::<Vec<_>>().join("\n")
    }

    /// One section of the page, without its heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        let page = self.page();
        let (_, rest) = page.split_once(&format!("# {heading}\n"))?;
        let end = rest.find("\n# ").unwrap_or(rest.len());
        Some(rest[..end].trim().to_owned())
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$item_doc])* #[serde(rename = $text)] $item),+ }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$item),+];

            /// Its name in files and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let known = || Self::ALL.iter().map(|item| item.as_str()).collect::<Vec<_>>().join(", ");
                let found = Self::ALL.iter().find(|item| item.as_str() == text).copied();
                found.ok_or_else(|| format!("`{text}` is not one of {}", known()))
            }
        }
    };
}

names! {
    /// A practice of API security. Every check belongs to exactly one.
    Practice {
        /// Bad media types are refused, answers say what they are.
        ContentType = "content_type",
        /// Errors tell the caller what to mend and nobody anything else.
        ErrorHandling = "error_handling",
        /// Nobody passes for somebody else.
        Authentication = "authentication",
        /// Everybody does what they may, to what is theirs.
        Authorization = "authorization",
        /// Input is what the operation expects, or is refused.
        InputValidation = "input_validation",
        /// Nobody gets more than their share.
        RateLimiting = "rate_limiting",
        /// As little as possible is shared; credentials are stored safely.
        Exposure = "exposure",
        /// What is there is known.
        Inventory = "inventory",
        /// Nothing travels in the clear.
        Encryption = "encryption",
        /// Known attacks are stopped, and nothing else is.
        Waf = "waf",
        /// What happens is written down, without secrets.
        Monitoring = "monitoring",
        /// Policy holds before anything is forwarded.
        Gateway = "gateway",
        /// Only listed addresses get in.
        IpAllowlisting = "ip_allowlisting",
        /// The service can be closed at once.
        AttackMode = "attack_mode",
        /// Emergency codes work once, for their owner.
        RecoveryCodes = "recovery_codes",
        /// Reporters find whom to tell.
        Bounty = "bounty",
        /// Answers carry the headers that protect their readers.
        Headers = "headers",
        /// Load and slowness stop nobody else.
        Robustness = "robustness",
        /// What the owner's own checks and invariants say.
        Own = "own",
    }
}

impl Practice {
    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ContentType => "Content-type checking",
            Self::ErrorHandling => "Error handling",
            Self::Authentication => "Authentication",
            Self::Authorization => "Authorization",
            Self::InputValidation => "Input validation",
            Self::RateLimiting => "Rate limiting",
            Self::Exposure => "Share as little as possible",
            Self::Inventory => "API inventory",
            Self::Encryption => "Encryption",
            Self::Waf => "Web application firewall",
            Self::Monitoring => "Monitoring and logging",
            Self::Gateway => "API gateway",
            Self::IpAllowlisting => "IP allowlisting",
            Self::AttackMode => "Attack mode",
            Self::RecoveryCodes => "Emergency codes",
            Self::Bounty => "Bounty programs",
            Self::Headers => "Secure headers",
            Self::Robustness => "Infrastructure robustness",
            Self::Own => "Your own invariants",
        }
    }
}

names! {
    /// How bad a finding is.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// Worth mending some day.
        Low = "low",
        /// Worth mending soon.
        Medium = "medium",
        /// Worth mending now.
        High = "high",
        /// Worth waking somebody.
        Critical = "critical",
    }
}

names! {
    /// When a check runs: checks poison each other, and time runs out.
    Phase {
        /// Scope, identities, stability.
        PreFlight = "pre-flight",
        /// Once for the target.
        Target = "target",
        /// Content types and error shapes.
        Shape = "shape",
        /// Credentials.
        Authentication = "authentication",
        /// Access, reads before writes.
        Authorization = "authorization",
        /// Inputs.
        Input = "input",
        /// Gateway and firewall.
        Gateway = "gateway",
        /// Limits and login abuse.
        Limits = "limits",
        /// Account and service state.
        State = "state",
        /// What has to wait.
        Late = "late",
    }
}

names! {
    /// What one cell of a check covers.
    Grain {
        /// One input of one operation.
        Input = "input",
        /// One operation.
        Operation = "operation",
        /// One operation, for one identity.
        Identity = "identity",
        /// The target.
        Target = "target",
    }
}

names! {
    /// What a check cannot do without.
    Need {
        /// At least one identity.
        Identity = "identity",
        /// At least two identities.
        TwoIdentities = "two-identities",
        /// An identity whose credential is a JSON web token.
        Jwt = "jwt",
        /// A key that signs tokens, or a sample of an expired one.
        SigningKeyOrSample = "signing-key-or-sample",
        /// A declared rate limit.
        RateLimit = "rate-limit",
        /// A declared rate limit, or a configuration that asks for one everywhere.
        RateLimitOrStrict = "rate-limit-or-strict",
        /// A policy that hides members from a role.
        HiddenFields = "hidden-fields",
        /// An answer in error.
        ErrorAnswers = "error-answers",
    }
}

names! {
    /// What a check does to the target.
    Effect {
        /// Nothing is asked for that changes anything.
        Reads = "reads",
        /// Objects of its own are made.
        Writes = "writes",
        /// State is left behind that disturbs other checks for a while.
        Poisons = "poisons",
        /// Something may be lost.
        Destroys = "destroys",
    }
}

names! {
    /// Whether others may run beside a check.
    Isolation {
        /// They may.
        Shared = "shared",
        /// They may not.
        Alone = "alone",
    }
}

/// How a violation is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// How often the witness is run again.
    pub times: u32,
    /// How long to wait before each, in milliseconds.
    pub pause: u64,
}

impl Confirm {
    /// Three times at once.
    pub const AT_ONCE: Self = Self { times: 3, pause: 0 };
}
