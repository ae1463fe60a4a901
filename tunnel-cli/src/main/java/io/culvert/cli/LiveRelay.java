package io.culvert.cli;

import io.culvert.relay.Relay;
import io.culvert.relay.access.TokenFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A relay from its start to a signal. */
final class LiveRelay {
  private static final Logger LOG = LoggerFactory.getLogger(LiveRelay.class);

  private LiveRelay() {}

  static int run(RelaySettings settings, Lifetime lifetime) {
    try (TokenFile tokens = tokens(settings)) {
      try (Relay relay = start(settings, tokens)) {
        announce(relay, settings);
        int status = lifetime.await();
        LOG.info("Stopping: running requests have {} s", Relay.STOP_TIMEOUT.toSeconds());
        return status;
      }
    }
  }

  /** Null without a file. */
  private static TokenFile tokens(RelaySettings settings) {
    if (settings.tokenFile().isEmpty()) {
      return null;
    }
    try {
      return TokenFile.open(settings.tokenFile().get());
    } catch (IOException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  private static Relay start(RelaySettings settings, TokenFile tokens) {
    Relay.Builder builder =
        Relay.builder()
            .address(settings.address())
            .domain(settings.domain())
            .agentWait(settings.agentWait())
            .resumeTimeout(settings.resumeTimeout())
            .heartbeat(settings.heartbeat(), Dialing.HEARTBEAT_TIMEOUT);
    settings.agentAddress().ifPresent(builder::agentAddress);
    settings.adminAddress().ifPresent(builder::adminAddress);
    settings.defaultName().ifPresent(builder::defaultName);
    if (tokens != null) {
      builder.credentials(tokens);
    }
    notYet("--jwt-issuer", settings.jwt().isPresent());
    notYet("--access-file", settings.accessFile().isPresent());
    notYet("--trusted-proxies", !settings.trustedProxies().isEmpty());
    try {
      if (settings.tlsCert().isPresent()) {
        Path key = settings.tlsKey().orElseThrow();
        builder.tls(settings.tlsCert().get(), key);
      }
    } catch (IOException e) {
      throw CliException.usage(e.getMessage());
    }
    try {
      return builder.build().start();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage());
    } catch (IOException e) {
      throw CliException.unreachable(e.getMessage(), e);
    }
  }

  /** An option that protects is in force or refused, but never ignored. */
  private static void notYet(String option, boolean given) {
    if (given) {
      throw CliException.usage(option + " is not in this version: leave it out");
    }
  }

  private static void announce(Relay relay, RelaySettings settings) {
    String scheme = settings.tlsCert().isPresent() ? "https" : "http";
    LOG.info(
        "Relay ready: {}://NAME.{}:{} on {}",
        scheme,
        settings.domain(),
        relay.address().getPort(),
        text(relay.address()));
    settings
        .agentAddress()
        .ifPresent(own -> LOG.info("Agents and callers: {}", text(relay.agentAddress())));
    relay.adminAddress().ifPresent(admin -> LOG.info("Status and metrics: {}", text(admin)));
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
