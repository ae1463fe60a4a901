package io.culvert.cli;

import io.culvert.rendezvous.Rendezvous;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of {@code culvert agent}, but for those of dialing. */
@Command
final class AgentOptions {
  private static final Set<String> HTTP = Set.of("http", "https", "h2c");

  @Option(
      names = "--to",
      paramLabel = "URL",
      description =
          "The service: http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT for HTTP/2 without"
              + " TLS as of gRPC, unix:/PATH or unix+h2c:/PATH, or only a PORT of this machine. Or"
              + " else --serve or --openapi.")
  String to;

  @Option(
      names = "--serve",
      paramLabel = "DIR",
      description =
          "Serves the files of a directory instead: neither lists of files, nor files whose names"
              + " begin with a dot, nor what symbolic links lead to.")
  Path serve;

  @Option(
      names = "--openapi",
      paramLabel = "FILE",
      description = "Serves an OpenAPI document, YAML or JSON, with a page to browse it, instead.")
  Path openapi;

  @Option(
      names = "--host-header",
      paramLabel = "HOST",
      description =
          "What the service gets as Host, for development servers that insist on their own name."
              + " Default: what the client has sent.")
  String hostHeader;

  @Option(
      names = "--upstream-ca",
      paramLabel = "FILE",
      description =
          "PEM file of the authorities that the certificate of an https:// service may come from."
              + " Default: those of the Java runtime.")
  Path upstreamCa;

  @Option(
      names = "--insecure-upstream",
      description =
          "Takes any certificate of an https:// service: for a development server on this machine.")
  boolean insecureUpstream;

  @Option(
      names = "--connect-timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "10s",
      description = "How long connecting to the service may take, TLS included. Default: 10s.")
  Duration connectTimeout;

  @Option(
      names = "--health",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "10s",
      description =
          "How often the agent looks whether the service takes connections; while it does not, the"
              + " relay prefers other agents. 0 is never. Default: 10s.")
  Duration health;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description =
          "Which of the agents of its name it is; one with the same id takes its place. Default:"
              + " made from the names of this machine and of the service, and what it serves.")
  String id;

  /** What they say, checked. */
  AgentSettings settings(DialSettings dial) {
    long sources = Stream.of(to, serve, openapi).filter(Objects::nonNull).count();
    if (sources == 0) {
      throw CliException.usage(
          "missing what to serve: give --to URL, --serve DIR or --openapi FILE");
    }
    if (sources > 1) {
      throw CliException.usage("--to, --serve and --openapi exclude each other; keep one");
    }
    if (id != null && !Rendezvous.isAgentId(id)) {
      throw CliException.usage("--id: expected 1 to 64 of A-Z a-z 0-9 . _ -, but got " + id);
    }
    if (hostHeader != null && !hostHeader.matches("[A-Za-z0-9.:_\\[\\]-]{1,255}")) {
      throw CliException.usage("--host-header: expected a host, or HOST:PORT");
    }
    Optional<URI> upstream = Optional.ofNullable(to).map(AgentOptions::upstream);
    boolean tls = upstream.filter(u -> u.getScheme().equals("https")).isPresent();
    if (!tls && (upstreamCa != null || insecureUpstream)) {
      throw CliException.usage(
          (upstreamCa != null ? "--upstream-ca" : "--insecure-upstream")
              + " is only for --to https://...");
    }
    if (upstreamCa != null && insecureUpstream) {
      throw CliException.usage(
          "--upstream-ca and --insecure-upstream exclude each other; keep one");
    }
    return new AgentSettings(
        dial,
        upstream,
        OptionFiles.directory("--serve", serve),
        OptionFiles.readable("--openapi", openapi),
        Optional.ofNullable(hostHeader),
        OptionFiles.readable("--upstream-ca", upstreamCa),
        insecureUpstream,
        connectTimeout,
        health,
        Optional.ofNullable(id));
  }

  private static URI upstream(String to) {
    if (to.matches("[0-9]{1,5}") && Integer.parseInt(to) <= 65_535) {
      return URI.create("http://localhost:" + to);
    }
    URI url;
    try {
      url = URI.create(to);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--to: expected a URL such as http://localhost:3000, but got " + to);
    }
    if (("unix".equals(url.getScheme()) || "unix+h2c".equals(url.getScheme()))
        && url.getSchemeSpecificPart().startsWith("/")) {
      return url;
    }
    boolean http = url.getScheme() != null && HTTP.contains(url.getScheme());
    if (!http && to.matches("[A-Za-z0-9.-]+:[0-9]{1,5}")) {
      throw CliException.usage("--to: expected a URL, did you mean http://" + to + "?");
    }
    if (!http || url.getHost() == null) {
      throw CliException.usage("--to: expected a URL such as http://localhost:3000, but got " + to);
    }
    if (url.getRawUserInfo() != null || url.getRawQuery() != null) {
      throw CliException.usage("--to: neither a user nor a query has a place in it");
    }
    if (!(url.getRawPath().isEmpty() || url.getRawPath().equals("/"))) {
      throw CliException.usage(
          "--to: requests keep their own paths, so leave " + url.getRawPath() + " away");
    }
    return url;
  }
}
