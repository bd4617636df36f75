"""Runtimes, servers and frameworks out of free text such as "Java 8, Tomcat 8.5.x / WebSphere ND 8.5.5.20"."""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Technology:
    """`lifecycle` are the table's products it may be, joined by |: "Java 8" alone does not say whose."""

    product: str
    version: str | None
    lifecycle: str | None


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    product: str
    lifecycle: str | None


# What stands between a name and its version: "Tomcat/9", "Tomcat-9", "Tomcat v9", "Tomcat (9)", "Tomcat Version 9".
_GAP = r"(?:[\s/_(:=-]|\bv(?:er(?:sion)?)?\.?\s*(?=\d)|\brelease\b|\bedition\b|\bserver\b){0,6}"
_NUMBER = r"(?P<version>\d+(?:\.\d+)*(?:\.x|_\d+|u\d+)?)?"
_EDITIONS = r"(?:\s*(?:nd|network deployment|base|enterprise|standard|express|community|lts|core))*"


def _rule(name: str, product: str, lifecycle: str | None) -> _Rule:
    pattern = rf"(?<![a-z])(?:{name}){_EDITIONS}{_GAP}{_NUMBER}"
    return _Rule(re.compile(pattern, re.IGNORECASE), product, lifecycle)


# The first that matches at a place keeps it: the more particular stand first.
_RULES: tuple[_Rule, ...] = (
    _rule(r"(?:ibm\s*)?websphere\s*mq|ibm\s*mq(?:\s*series)?|mqseries|wmq", "IBM MQ", "ibm-mq"),
    _rule(r"(?:ibm\s*)?(?:websphere|was)\s*liberty|open\s*liberty", "IBM WebSphere Liberty", None),
    _rule(
        r"(?:ibm\s*)?websphere(?:\s*application\s*server|\s*as)?|(?:ibm\s+)?was(?=\s*(?:nd\s*)?[v\d])",
        "IBM WebSphere Application Server",
        "ibm-websphere",
    ),
    _rule(
        r"(?:oracle\s*|bea\s*)?web\s*logic(?:\s*server)?|wls(?=[\s_-]*\d)",
        "Oracle WebLogic Server",
        "oracle-weblogic",
    ),
    _rule(
        r"(?:red\s*hat\s*)?jboss(?:\s*(?:eap|enterprise application platform))|\beap(?=\s*\d)",
        "Red Hat JBoss EAP",
        "red-hat-jboss-eap",
    ),
    _rule(r"jboss(?:\s*as)?|wildfly", "JBoss AS or WildFly", None),
    _rule(r"glassfish|payara", "GlassFish or Payara", None),
    _rule(r"(?:apache\s*)?tomcat|tomee", "Apache Tomcat", "tomcat"),
    _rule(r"(?:eclipse\s*)?jetty", "Eclipse Jetty", "eclipse-jetty"),
    _rule(r"(?:apache\s*)?active\s*mq", "Apache ActiveMQ", "apache-activemq"),
    _rule(r"(?:apache\s*)?kafka", "Apache Kafka", "apache-kafka"),
    _rule(r"rabbit\s*mq", "RabbitMQ", "rabbitmq"),
    _rule(r"(?:apache\s*)?log4j", "Apache Log4j", "log4j"),
    _rule(r"(?:apache\s*)?struts", "Apache Struts", "apache-struts"),
    _rule(r"(?:apache\s*)?solr", "Apache Solr", "solr"),
    _rule(r"(?:apache\s*)?cassandra", "Apache Cassandra", "apache-cassandra"),
    _rule(
        r"apache(?:\s*(?:httpd?|http\s*server|web\s*server|2(?=\s)))?|httpd",
        "Apache HTTP Server",
        "apache-http-server",
    ),
    _rule(r"nginx(?:\s*plus)?", "nginx", "nginx"),
    _rule(r"ha\s*proxy", "HAProxy", "haproxy"),
    _rule(r"(?:microsoft\s*|ms\s*)?iis|internet information ser(?:ver|vices)", "Microsoft IIS", None),
    _rule(r"(?:ms\s*|microsoft\s*)?exchange(?:\s*server)?", "Microsoft Exchange", "msexchange"),
    _rule(r"(?:ms\s*|microsoft\s*)?share\s*point(?:\s*server)?", "Microsoft SharePoint", "sharepoint"),
    _rule(
        r"(?:ms\s*|microsoft\s*)?\.?net\s*(?:framework|fx)|\.netfx", "Microsoft .NET Framework", "dotnetfx"
    ),
    _rule(r"(?:asp)?\.net\s*core|dotnet\s*core", "Microsoft .NET", "dotnet"),
    _rule(r"(?:microsoft\s*)?(?:asp)?\.net|dotnet", "Microsoft .NET", "dotnet"),
    _rule(r"spring\s*boot", "Spring Boot", "spring-boot"),
    _rule(r"spring(?:\s*framework)?", "Spring Framework", "spring-framework"),
    _rule(r"oracle\s*(?:java|jdk|jre)(?:\s*se)?|sun\s*(?:java|jdk|jre)", "Oracle Java", "oracle-jdk"),
    _rule(r"(?:eclipse\s*)?temurin|adopt\s*open\s*jdk|adoptium", "Eclipse Temurin", "eclipse-temurin"),
    _rule(r"(?:amazon\s*)?corretto", "Amazon Corretto", None),
    _rule(r"java\s*script|typescript", "JavaScript", None),
    _rule(
        r"open\s*jdk|java(?:\s*(?:se|jdk|jre|runtime(?:\s*environment)?))?|jdk|jre|j2se",
        "Java",
        "oracle-jdk|eclipse-temurin",
    ),
    _rule(r"node(?:\s*\.?\s*js)?(?=[\s/v_-]*\d)|node\.?js", "Node.js", "nodejs"),
    _rule(r"python", "Python", "python"),
    _rule(r"php(?!\w)|php(?=\d)", "PHP", "php"),
    _rule(r"ruby\s*on\s*rails|rails", "Ruby on Rails", None),
    _rule(r"ruby", "Ruby", "ruby"),
    _rule(r"perl", "Perl", "perl"),
    _rule(r"(?:adobe\s*)?cold\s*fusion", "Adobe ColdFusion", "coldfusion"),
    _rule(r"word\s*press", "WordPress", "wordpress"),
    _rule(r"drupal", "Drupal", "drupal"),
    _rule(r"memcached?", "Memcached", "memcached"),
    _rule(r"(?:red\s*hat\s*)?open\s*shift|\bocp(?=\s*\d)", "Red Hat OpenShift", "red-hat-openshift"),
    _rule(r"kubernetes|k8s", "Kubernetes", "kubernetes"),
    _rule(r"docker(?:\s*(?:engine|ce|ee))?", "Docker Engine", "docker-engine"),
)
_OLD_JAVA = re.compile(r"^1\.(\d)")
# .NET without "Framework" below 5 is the framework (3.5, 4.8) or Core (2.1, 3.1).
_FRAMEWORK = re.compile(r"^(?:1\.[01]|2\.0|3\.[05]|4(?:\.\d)*)(?:\.|$)")


@lru_cache(maxsize=65536)
def parse_technologies(text: str) -> tuple[Technology, ...]:
    """What the text names, in its order, each product with its version once."""
    taken: list[tuple[int, int]] = []
    found: dict[tuple[str, str | None], int] = {}
    kept: dict[tuple[str, str | None], Technology] = {}
    for rule in _RULES:
        for match in rule.pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            technology = _settle(rule, match.group("version"))
            key = (technology.product, technology.version)
            found.setdefault(key, match.start())
            kept.setdefault(key, technology)
    return tuple(kept[key] for key in sorted(found, key=lambda key: found[key]))


def _settle(rule: _Rule, version: str | None) -> Technology:
    """Versions as the table has them: Java 1.8.0_202 is 8, Tomcat 9.x is 9."""
    if version is None:
        return Technology(rule.product, None, rule.lifecycle)
    plain = re.sub(r"(?:\.x|_\d+|u\d+)$", "", version, flags=re.IGNORECASE)
    if "jdk" in (rule.lifecycle or "") and (old := _OLD_JAVA.match(plain)):
        plain = old.group(1)
    if (
        rule.product == "Microsoft .NET"
        and "core" not in rule.pattern.pattern.split(_EDITIONS)[0]
        and _FRAMEWORK.match(plain)
    ):
        return Technology("Microsoft .NET Framework", plain, "dotnetfx")
    return Technology(rule.product, plain, rule.lifecycle)
