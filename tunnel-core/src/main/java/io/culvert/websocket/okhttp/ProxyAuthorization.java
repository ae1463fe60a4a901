package io.culvert.websocket.okhttp;

import java.io.IOException;
import okhttp3.Authenticator;
import okhttp3.Challenge;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.Route;

/** Tells an HTTP proxy who dials, and says so if it does not like it. */
final class ProxyAuthorization implements Authenticator {
  private static final String HEADER = "Proxy-Authorization";

  /** The scheme of the challenge that OkHttp makes up before it asks the proxy anything. */
  private static final String NOT_ASKED_YET = "OkHttp-Preemptive";

  private final String credentials;
  private final Authenticator otherwise;

  /**
   * @param credentials value of the header; null if there is none
   * @param otherwise asked if there is none
   */
  ProxyAuthorization(String credentials, Authenticator otherwise) {
    this.credentials = credentials;
    this.otherwise = otherwise;
  }

  @Override
  public Request authenticate(Route route, Response answer) throws IOException {
    Request next = credentials == null ? otherwise.authenticate(route, answer) : once(answer);
    if (next == null && answer.challenges().stream().noneMatch(ProxyAuthorization::notAskedYet)) {
      throw new IOException(
          "expected 200 from the proxy for CONNECT, but got "
              + answer.code()
              + "; give it a proxy authorization that it accepts");
    }
    return next;
  }

  private Request once(Response answer) {
    return answer.request().header(HEADER) != null
        ? null
        : answer.request().newBuilder().header(HEADER, credentials).build();
  }

  private static boolean notAskedYet(Challenge challenge) {
    return challenge.scheme().equalsIgnoreCase(NOT_ASKED_YET);
  }
}
