package io.culvert.relay;

import io.culvert.relay.route.Agents;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What serves public requests: the one place where routing and HTTP are put together. */
final class PublicHttp {
  private PublicHttp() {}

  /**
   * A handler for requests whose name is known ({@link io.culvert.relay.route.Routed#name}); it is
   * to say which agent a request has gone to ({@link io.culvert.relay.route.Routed#agent}).
   */
  static Handler handler(Agents agents) {
    return new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        Response.writeError(request, response, callback, 501, "only streams of callers are served");
        return true;
      }
    };
  }
}
