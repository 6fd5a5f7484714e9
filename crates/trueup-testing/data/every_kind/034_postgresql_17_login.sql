-- needs: contrib, 17
-- What runs when somebody connects. A server with one process for everything cannot have it.

CREATE EVENT TRIGGER notice_login ON login EXECUTE FUNCTION private.notice_change();
ALTER EVENT TRIGGER notice_login DISABLE;
