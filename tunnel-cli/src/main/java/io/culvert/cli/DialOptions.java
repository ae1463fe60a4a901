package io.culvert.cli;

import io.culvert.rendezvous.Rendezvous;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of the commands that dial a relay. */
@Command
final class DialOptions {
  @Option(
      names = "--relay",
      required = true,
      paramLabel = "URL",
      description = "The relay: wss://relay.example.com, or ws:// without TLS.")
  String relay;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "The service's name at the relay: one label of a host name, such as pets.")
  String name;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "What the relay asks for. Others on this machine can see a command line: better"
              + " --token-file, or CULVERT_TOKEN in the environment. On a terminal it is asked for"
              + " if the relay is on another machine and no token is given.")
  String token;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File whose first line is the token.")
  Path tokenFile;

  @Option(
      names = "--proxy",
      paramLabel = "URL",
      description =
          "The proxy on the way to the relay: http://HOST:PORT or socks5://HOST:PORT, or none."
              + " Default: HTTPS_PROXY or ALL_PROXY, unless NO_PROXY names the relay.")
  String proxy;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "PEM file of the authorities that the relay's certificate may come from. Default: those"
              + " of the Java runtime.")
  Path ca;

  @Option(
      names = "--dial-timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "10s",
      description = "How long one attempt to reach the relay may take. Default: 10s.")
  Duration dialTimeout;

  @Option(
      names = "--resume-timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "60s",
      description =
          "How long what is under way waits for the network to come back; 0 is not at all. The"
              + " shorter of both sides' counts. Default: 60s.")
  Duration resumeTimeout;

  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "15s",
      description =
          "After this long without a sign of life the relay is asked for one; 10s later without an"
              + " answer the agent dials again. Default: 15s.")
  Duration heartbeat;

  /** What they say, checked. */
  DialSettings settings(Token.Source tokens) {
    URI url = relayUrl();
    if (!Rendezvous.isName(name)) {
      throw CliException.usage(
          "--name: expected one label of a host name in lower case, such as pets, but got " + name);
    }
    if (heartbeat.isZero()) {
      throw CliException.usage("--heartbeat: expected more than 0");
    }
    if (dialTimeout.isZero()) {
      throw CliException.usage("--dial-timeout: expected more than 0");
    }
    return new DialSettings(
        url,
        name,
        tokens.find(token, tokenFile, isLoopback(url)),
        Optional.ofNullable(proxy),
        OptionFiles.readable("--ca", ca),
        dialTimeout,
        resumeTimeout,
        heartbeat);
  }

  private URI relayUrl() {
    URI url;
    try {
      url = URI.create(relay);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--relay: expected a URL such as wss://relay.example.com");
    }
    if (url.getRawUserInfo() != null) {
      throw CliException.usage("--relay: a token has no place in the URL; use --token-file");
    }
    String scheme = url.getScheme() == null ? "" : url.getScheme();
    if (scheme.equals("http") || scheme.equals("https")) {
      throw CliException.usage(
          "--relay: expected ws:// or wss://, did you mean "
              + relay.replaceFirst("http", "ws")
              + "?");
    }
    if (!(scheme.equals("ws") || scheme.equals("wss")) || url.getHost() == null) {
      throw CliException.usage(
          "--relay: expected a URL such as wss://relay.example.com, but got " + relay);
    }
    return url;
  }

  static boolean isLoopback(URI url) {
    String host = url.getHost();
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
