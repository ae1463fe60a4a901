package io.culvert.relay;

import io.culvert.relay.access.Credentials;
import io.culvert.relay.access.Grant;
import io.culvert.relay.access.Scope;
import io.culvert.relay.route.AgentClaim;
import io.culvert.relay.route.Names;
import io.culvert.rendezvous.Rendezvous;
import io.culvert.server.Admission;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;

/**
 * Decides at the upgrade who may serve or use a name. What the request says is parsed once, here;
 * nothing is kept. The attachment of whom it lets in is an {@link AgentClaim} or a {@link
 * CallerClaim}.
 */
final class Entrance implements Admission.Policy {
  /** What a Host may be made of: no space, no control character, nothing that ends a header. */
  private static final Pattern HOST_HEADER = Pattern.compile("[A-Za-z0-9._~:\\[\\]-]{1,255}");

  /** Null if nobody needs a token. */
  private final Credentials credentials;

  private final Names names;
  private final IntConsumer refused;

  /**
   * @param credentials null: everybody may do everything
   * @param refused is told the status of each refusal
   */
  Entrance(Credentials credentials, Names names, IntConsumer refused) {
    this.credentials = credentials;
    this.names = names;
    this.refused = refused;
  }

  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    final transient Upgrade.Refuse answer;

    Refusal(int status, String reason, Map<String, String> headers) {
      super(reason, null, false, false);
      answer = new Upgrade.Refuse(status, reason, headers);
    }

    Refusal(int status, String reason) {
      this(status, reason, Map.of());
    }
  }

  @Override
  public Admission admit(UpgradeRequest request) {
    try {
      return decide(request);
    } catch (Refusal refusal) {
      refused.accept(refusal.answer.status());
      return new Admission.Refused(refusal.answer);
    }
  }

  private Admission decide(UpgradeRequest request) throws Refusal {
    String serve = request.header(Rendezvous.SERVE);
    String connect = request.header(Rendezvous.CONNECT);
    if ((serve == null) == (connect == null)) {
      throw new Refusal(
          400,
          "expected either "
              + Rendezvous.SERVE
              + " or "
              + Rendezvous.CONNECT
              + " with a name, but got "
              + (serve == null ? "none" : "both"));
    }
    if (!Rendezvous.isName(serve == null ? connect : serve)) {
      throw new Refusal(
          400, "expected one label of a host name as the name: a-z, 0-9 and -, at most 63");
    }
    return serve == null ? caller(request, connect) : agent(request, serve);
  }

  private Admission caller(UpgradeRequest request, String name) throws Refusal {
    Grant grant = grant(request, Scope.connect(name));
    return new Admission.Admitted(principal(grant, "connect", name), new CallerClaim(name, grant));
  }

  private Admission agent(UpgradeRequest request, String name) throws Refusal {
    String id = request.header(Rendezvous.AGENT_ID);
    if (id == null || !Rendezvous.isAgentId(id)) {
      throw new Refusal(
          400, "expected " + Rendezvous.AGENT_ID + " with 1 to 64 of A-Z, a-z, 0-9, ., _ and -");
    }
    boolean h2c = upstreamSpeaksH2c(request);
    Optional<String> host = hostHeader(request);
    Grant grant = grant(request, Scope.serve(name));
    AgentClaim claim = new AgentClaim(name, id, grant, h2c, host);
    switch (names.claim(claim)) {
      case WELCOME -> {
        return new Admission.Admitted(principal(grant, "serve", name), claim);
      }
      case TAKEN -> throw new Refusal(409, taken(name));
      case FULL -> throw new Refusal(503, FULL);
    }
    throw new AssertionError("all verdicts are above");
  }

  static final String FULL = "the relay has as many agents as it takes";

  static String taken(String name) {
    return "another identity serves the name " + name;
  }

  private static boolean upstreamSpeaksH2c(UpgradeRequest request) throws Refusal {
    String protocol = request.header(Rendezvous.UPSTREAM_PROTOCOL);
    boolean h2c = Rendezvous.H2C.equals(protocol);
    if (protocol != null && !h2c && !protocol.equals(Rendezvous.HTTP_1)) {
      throw new Refusal(
          400,
          "expected "
              + Rendezvous.HTTP_1
              + " or "
              + Rendezvous.H2C
              + " in "
              + Rendezvous.UPSTREAM_PROTOCOL);
    }
    return h2c;
  }

  private static Optional<String> hostHeader(UpgradeRequest request) throws Refusal {
    String host = request.header(Rendezvous.HOST_HEADER);
    if (host != null && !HOST_HEADER.matcher(host).matches()) {
      throw new Refusal(400, "expected HOST or HOST:PORT in " + Rendezvous.HOST_HEADER);
    }
    return Optional.ofNullable(host);
  }

  private Grant grant(UpgradeRequest request, Scope wanted) throws Refusal {
    if (credentials == null) {
      return Everybody.GRANT;
    }
    Grant grant =
        Bearer.token(request.header("Authorization"))
            .flatMap(credentials::grant)
            .filter(known -> !known.ended())
            .orElse(null);
    if (grant == null) {
      throw new Refusal(
          401,
          "expected Authorization: Bearer with a token that this relay knows",
          Map.of("WWW-Authenticate", "Bearer realm=\"culvert\""));
    }
    if (!grant.allows(wanted)) {
      throw new Refusal(403, "the token does not have the scope " + wanted);
    }
    return grant;
  }

  /** Only who would be let in as the same one can resume a connection. */
  private static String principal(Grant grant, String role, String name) {
    return role + ":" + name + " " + grant.identity();
  }
}
