-- needs: 17
-- What runs when somebody connects.

CREATE EVENT TRIGGER notice_login ON login EXECUTE FUNCTION private.notice_change();
ALTER EVENT TRIGGER notice_login DISABLE;
